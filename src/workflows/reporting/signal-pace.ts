/**
 * The pause between a child's progress signals. Each signal is a row of the run's timeline in the
 * Web UI, which users should be able to read as the list of its steps. A pure function.
 */

/**
 * Signals of a young run are close together, and become sparser as the run grows older. In
 * milliseconds, and as shares of the run's age.
 */
const LEAST_MS = 15_000;
const YOUNG_SHARE = 0.2;
const YOUNG_MOST_MS = 300_000;

/**
 * The share for a run of hours. It sends about 130 signals in its first day, to keep its history
 * small.
 */
const OLD_SHARE = 0.03;

/** The pause after which the next signal is due, in milliseconds. */
export function signalPaceMs(runForMs: number): number {
  const whileYoung = Math.min(runForMs * YOUNG_SHARE, YOUNG_MOST_MS);
  return Math.max(LEAST_MS, whileYoung, runForMs * OLD_SHARE);
}
