/**
 * The request rate of one host. It falls by half when the host is overloaded and recovers step by
 * step, within the budget (AIMD).
 */

/**
 * Additive increase with multiplicative decrease converges and shares capacity fairly.
 *
 * @see Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance in
 *   computer networks", 1989.
 */
const FALL = 0.5;

/** Seconds of good answers in which the rate recovers from half of the budget to all of it. */
const RECOVERY_SECONDS = 10;

/**
 * The rate never falls below this share of the budget, so that some request finds out when the host
 * has recovered.
 */
const LOWEST_SHARE = 1 / 32;

/**
 * A single 503 is an error of one image. When 503s exceed this share of recent answers, the host is
 * overloaded. A single 429 means overload.
 */
const MOST_UNAVAILABLE = 0.15;
const UNAVAILABLE_SMOOTHING = 0.05;

/**
 * Requests that were under way when the rate fell say nothing about the new rate. In milliseconds.
 */
const SETTLE_MS = 1_000;

/**
 * An answer is slow when it takes this many times longer to begin than is usual for the host, and
 * at least this long (in milliseconds).
 */
const SLOW_TIMES = 4;
const SLOW_MS = 1_000;

/** Weight of the latest answer in the moving average of response times. */
const SMOOTHING = 0.1;

export interface AdaptiveRate {
  /** In requests per second. */
  now(): number;
  isBelowBudget(): boolean;
  /** `status` is 429 or 503. `startedAt` is a time of `performance.now()`. */
  refused(startedAt: number, status: number): void;
  /** An answer began `tookMs` after its request was written. */
  answered(startedAt: number, tookMs: number): void;
}

/** `before` is the rate at the end of the lane's previous batch. */
export function createAdaptiveRate(budget: number, before = budget): AdaptiveRate {
  const lowest = budget * LOWEST_SHARE;
  let rate = Math.max(lowest, Math.min(budget, before));
  let fellAt = Number.NEGATIVE_INFINITY;
  let roseAt = performance.now();
  let mean: number | null = null;
  let best = Number.POSITIVE_INFINITY;
  let unavailable = 0;
  const fall = (startedAt: number): void => {
    const now = performance.now();
    if (startedAt <= fellAt || now - fellAt < SETTLE_MS) return;
    rate = Math.max(lowest, rate * FALL);
    fellAt = now;
    roseAt = now;
  };
  return {
    now: () => rate,
    isBelowBudget: () => rate < budget,
    refused: (startedAt, status) => {
      unavailable += UNAVAILABLE_SMOOTHING;
      if (status === 429 || unavailable > MOST_UNAVAILABLE) fall(startedAt);
    },
    answered: (startedAt, tookMs) => {
      unavailable *= 1 - UNAVAILABLE_SMOOTHING;
      mean = mean === null ? tookMs : mean + SMOOTHING * (tookMs - mean);
      best = Math.min(best, mean);
      if (mean > Math.max(SLOW_MS, SLOW_TIMES * best)) {
        fall(startedAt);
        return;
      }
      const now = performance.now();
      // At most one second of a pause between two answers counts, because no request was sent in
      // it.
      const seconds = Math.min(1, (now - roseAt) / 1_000);
      rate = Math.min(budget, rate + (budget * (1 - FALL) * seconds) / RECOVERY_SECONDS);
      roseAt = now;
    },
  };
}
