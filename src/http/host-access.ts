/**
 * The interface through which a request receives permission to be sent to its host and reports its
 * outcome.
 */
import type { Answer } from './answer';
import type { FetchFailure } from './failures/fetch-failure';

/**
 * The outcome of one request. If both fields are null, this program cancelled the request, which is
 * no evidence about the host.
 */
export interface RequestOutcome {
  /** The status and headers that arrived; null if none did. */
  readonly answer: Answer | null;
  /** The reason why the request brought no file; null if it brought or confirmed one. */
  readonly failure: FetchFailure | null;
}

/** Permission to send one request to one host. */
export interface Permit {
  /**
   * The connection must close after the request, because other batches share the host's budget of
   * connections.
   */
  readonly closesConnection: boolean;
  /** Called when the request is written to its socket. */
  sent(): void;
  /** Called when the status and headers of the response have arrived. */
  answered(): void;
  /** Reports the outcome of the request and returns the permit. Called exactly once. */
  report(outcome: RequestOutcome): void;
}

/** The single entry to all hosts: every limit on the requests of a host applies here. */
export interface HostAccess {
  /**
   * Waits until a request may be sent to the host of `url`.
   *
   * @throws the signal's reason; errors of the implementation if this batch sends no more requests
   * to the host.
   */
  acquire(url: URL, signal: AbortSignal): Promise<Permit>;
}
