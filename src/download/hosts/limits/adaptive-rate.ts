/** A host's rate: falls by half when it is too much for the host, and recovers step by step, within the budget (AIMD). */

/** **Source** Chiu and Jain, 1989: additive increase, multiplicative decrease converges, and is fair to others. */
const FALL = 0.5;

/** From half to all of the budget in so many seconds of good answers. */
const RECOVERY_SECONDS = 10;

/** Never below this share of the budget: somebody must find out that the host is well again. */
const LOWEST_SHARE = 1 / 32;

/**
 * Single 503s are single images' errors; when they are more than this share of the last answers, the host has too much to do. A 429
 * says so by itself.
 */
const MOST_UNAVAILABLE = 0.15;
const UNAVAILABLE_SMOOTHING = 0.05;

/** What was under way when the rate fell says nothing new about it. **Units** ms. */
const SETTLE_MS = 1_000;

/** An answer is slow when it begins so many times later than the host's usual, and no sooner than this. **Units** ms. */
const SLOW_TIMES = 4;
const SLOW_MS = 1_000;

/** How fast the mean of recent answers follows them. */
const SMOOTHING = 0.1;

export interface AdaptiveRate {
  /** **Units** requests per second. */
  now(): number;
  isBelowBudget(): boolean;
  /** `status` 429 or 503; `startedAt` as of `performance.now()`. */
  refused(startedAt: number, status: number): void;
  /** An answer began `tookMs` after its request was written. */
  answered(startedAt: number, tookMs: number): void;
}

/** `before`: where the lane's last batch left it. */
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
      // Of a pause between two answers only a second counts: nobody was asked meanwhile.
      const seconds = Math.min(1, (now - roseAt) / 1_000);
      rate = Math.min(budget, rate + (budget * (1 - FALL) * seconds) / RECOVERY_SECONDS);
      roseAt = now;
    },
  };
}
