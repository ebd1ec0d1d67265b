/** How long a child waits between two commits. */
import { patched } from '@temporalio/workflow';

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

/** Commits may lock the warehouse for at most 1 % of the time, within the limit below. */
const LOCKED_SHARE = 100;

/**
 * The longest pause, in milliseconds, that follows from the time for which a commit held the lock.
 * Without a limit, a commit that holds the lock for two seconds would be followed by a pause of
 * more than three minutes. The outcomes of these minutes would make the next commit longer, and
 * with it the next pause. Meanwhile the warehouse would lack what is stored.
 *
 * At a share of 1 % a minute allows 600 ms, which is more than a commit needs among ten million
 * images (bench/README.md). Slower commits take a larger share: 5 % for one of three seconds.
 * Readers of the snapshot never wait for it, because only `warehouse.duckdb` is locked.
 */
const LONGEST_PAUSE_FOR_LOCK_MS = 60_000;

/** Histories recorded before there was a limit contain timers of longer pauses. */
const LIMITED_FOR_LOCK = 'the pause after a long commit is limited';

/**
 * The pause after the next commit, in milliseconds.
 *
 * @param longest the longest pause while outcomes arrive.
 * @param isLimited asked only where {@link LONGEST_PAUSE_FOR_LOCK_MS} makes a difference.
 */
export function nextPause(
  pause: number,
  longest: number,
  committed: { readonly applied: number; readonly lockHeldMs: number },
  isLimited: () => boolean = () => patched(LIMITED_FOR_LOCK),
): number {
  const usual = Math.max(
    Math.min(pause * GROWTH, longest),
    pauseForLock(committed.lockHeldMs, isLimited),
  );
  return committed.applied === 0
    ? Math.max(usual, Math.min(pause * GROWTH, LONGEST_PAUSE_MS))
    : usual;
}

function pauseForLock(lockHeldMs: number, isLimited: () => boolean): number {
  const forShare = lockHeldMs * LOCKED_SHARE;
  if (forShare <= LONGEST_PAUSE_FOR_LOCK_MS || !isLimited()) return forShare;
  return LONGEST_PAUSE_FOR_LOCK_MS;
}
