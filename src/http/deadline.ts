/**
 * Limits the time of a whole download. An idle timeout never fires for a server that sends a few
 * bytes at a time.
 */
import { FetchFailure } from './failures/fetch-failure';
import { whenAborted } from './when-aborted';

/**
 * After this time, a body must have arrived at {@link MIN_BYTES_PER_SECOND} bytes per second or
 * faster.
 */
const RATE_CHECK_AFTER_MS = 10_000;
const MIN_BYTES_PER_SECOND = 100;
/** How often the limits are checked. */
const CHECK_INTERVAL_MS = 1_000;

export interface Deadline {
  /** The reason why the deadline expired; null while it has not. */
  reason(): unknown;
  /**
   * Calls `listener` once, immediately if the deadline has already expired. A later listener
   * replaces an earlier one.
   */
  onEnd(listener: (reason: unknown) => void): void;
  /** Counts bytes of the body for the minimum rate. */
  count(byteCount: number): void;
  /**
   * The whole body has arrived. The minimum rate no longer applies: a small body that is decoded
   * slowly came fast.
   */
  received(): void;
  clear(): void;
}

/**
 * The deadline expires with a FetchFailure `timeout` when the time is over or the body is below the
 * minimum rate, or with the reason of `signal`.
 */
export function startDeadline(options: {
  readonly seconds: number;
  readonly signal: AbortSignal;
}): Deadline {
  const startedAt = performance.now();
  let bodyStartedAt: number | null = null;
  let byteTotal = 0;
  let expired: { readonly reason: unknown } | null = null;
  let onExpired: (reason: unknown) => void = () => undefined;
  const expire = (reason: unknown): void => {
    if (expired !== null) return;
    expired = { reason };
    onExpired(reason);
  };
  const checkLimits = (): void => {
    const now = performance.now();
    if (now - startedAt >= options.seconds * 1_000)
      expire(new FetchFailure('timeout', `not complete after ${options.seconds} s`));
    else if (
      bodyStartedAt !== null &&
      now - bodyStartedAt >= RATE_CHECK_AFTER_MS &&
      byteTotal / ((now - bodyStartedAt) / 1_000) < MIN_BYTES_PER_SECOND
    ) {
      expire(new FetchFailure('timeout', `slower than ${MIN_BYTES_PER_SECOND} bytes a second`));
    }
  };
  const timer = setInterval(checkLimits, Math.min(CHECK_INTERVAL_MS, options.seconds * 1_000));
  const stopListening = whenAborted(options.signal, expire);
  return {
    reason: () => expired?.reason ?? null,
    onEnd: (listener) => {
      onExpired = listener;
      if (expired !== null) listener(expired.reason);
    },
    count: (byteCount) => {
      bodyStartedAt ??= performance.now();
      byteTotal += byteCount;
    },
    received: () => {
      bodyStartedAt = null;
    },
    clear: () => {
      clearInterval(timer);
      stopListening();
    },
  };
}
