/** One request, as the circuit breaker and the first contact see it. */
import type { FetchFailure } from '../../../http/failures/fetch-failure';
import type { FailureWindow } from './failure-window';

export interface Attempt {
  /** The host had not answered when the attempt began. */
  readonly isFirstContact: boolean;
  /** False once an outage has begun, unless this attempt is its probe. */
  mayProceed(): boolean;
  /** The request was written to its socket. */
  sent(): void;
  /** The host sent an answer, whether good or bad. */
  answered(): void;
  /**
   * `key` names the image whose failure counts. It is null when the image has failed before for a
   * reason of its own.
   */
  failed(key: string | null, failure: FetchFailure): FailureWindow;
  /**
   * The outcome of its request was reported. What becomes of the image is not known yet: a page may
   * have come, or a redirect.
   */
  reported(): void;
  /** The attempt ended without evidence about the host (for example, it was cancelled). */
  end(): void;
}
