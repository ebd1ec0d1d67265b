/** How a request gets leave to be sent to its host, and what is reported of it afterwards. */
import type { Answer } from './answer';
import type { FetchFailure } from './fetch-failure';

/**
 * What became of one request.
 *
 * **Shape** `answer`: the head that came, null when none did. `failure`: why it brought no file, null when it brought one
 * or confirmed one. Both null: it was given up by us, and says nothing about the host.
 */
export interface RequestOutcome {
  readonly answer: Answer | null;
  readonly failure: FetchFailure | null;
}

/** The leave to send one request to one host. */
export interface Permit {
  /** The connection must end with the request: the host's budget of connections is shared with other batches. */
  readonly closesConnection: boolean;
  /** The request is written to its socket now. */
  sent(): void;
  /** The head of its answer has come. */
  answered(): void;
  /** Reports what became of the request and gives the permit back. Called exactly once. */
  report(outcome: RequestOutcome): void;
}

/** The one door to all hosts: whatever limits a host's requests is asked here. */
export interface HostAccess {
  /**
   * Waits until the host of `url` may be asked.
   *
   * @throws the signal's reason; errors of the implementation when the host will not be asked in this batch.
   */
  acquire(url: URL, signal: AbortSignal): Promise<Permit>;
}
