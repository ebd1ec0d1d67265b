/** Pauses between tries of one image. */

/** **Units** ms. */
const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * Capped exponential backoff with full jitter, so that images that failed together do not come back together.
 *
 * **Units** ms; `attempt` from 1. **Source** AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
