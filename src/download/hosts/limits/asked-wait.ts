/** A wait that a host asked for (Retry-After), and the image for which it did. */
import type { RetryAfterCode } from '../interpret-outcome';

/** The image for which a host may ask for a wait (Retry-After). */
export interface WaitingImage {
  /** The number of its entry in the lane. */
  readonly entry: number;
  /** Earlier answers for this image in this run that asked for a wait. */
  readonly earlierWaits: number;
}

/** An answer that asked for a wait. */
export interface AskedWait {
  /** In milliseconds. */
  readonly waitMs: number;
  readonly code: RetryAfterCode;
  /** When its request got its permit, as a time of `performance.now()`. */
  readonly startedAt: number;
  readonly image: WaitingImage;
}
