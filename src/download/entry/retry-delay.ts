/** Pauses between attempts at one image. */

/** In milliseconds. */
const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * Capped exponential backoff with jitter, so that images that failed together are not retried
 * together.
 *
 * @param attempt the number of the failed attempt, counted from 1.
 * @returns the delay in milliseconds.
 * @see AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
