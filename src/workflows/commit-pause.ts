/** How long a child waits between two commits. */

/**
 * The first commits follow each other quickly, so that users soon see results, and later ones are
 * further apart. In milliseconds.
 */
export const FIRST_COMMIT_MS = 2_000;
const GROWTH = 1.5;

/**
 * The longest pause, in milliseconds, that commits reach while nothing arrives (no worker polls the
 * queue of the batches, or all hosts wait). It keeps the history small.
 */
export const LONGEST_PAUSE_MS = 240_000;

/** Commits may lock the warehouse for at most 1 % of the time. */
const LOCKED_SHARE = 100;

/**
 * The pause after the next commit, in milliseconds.
 *
 * @param longest the longest pause while outcomes arrive.
 */
export function nextPause(
  pause: number,
  longest: number,
  committed: { readonly applied: number; readonly lockHeldMs: number },
): number {
  const usual = Math.max(Math.min(pause * GROWTH, longest), committed.lockHeldMs * LOCKED_SHARE);
  return committed.applied === 0
    ? Math.max(usual, Math.min(pause * GROWTH, LONGEST_PAUSE_MS))
    : usual;
}
