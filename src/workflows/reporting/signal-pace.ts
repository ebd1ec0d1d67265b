/**
 * How far apart a child's news of its counts are: each is a row of the run's timeline in the Web UI, which is to be read as the
 * list of its steps. Pure.
 */

/** News of a young run are close together, and grow apart with its age. **Units** ms; shares of the run's age. */
const LEAST_MS = 15_000;
const YOUNG_SHARE = 0.2;
const YOUNG_MOST_MS = 300_000;

/** Of a run of hours: some 130 news in its first day, for its history's sake. */
const OLD_SHARE = 0.03;

/** **Units** ms, both. */
export function signalPaceMs(runForMs: number): number {
  const whileYoung = Math.min(runForMs * YOUNG_SHARE, YOUNG_MOST_MS);
  return Math.max(LEAST_MS, whileYoung, runForMs * OLD_SHARE);
}
