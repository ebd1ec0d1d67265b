/** Commits while downloads run: ledgers grow, every now and then one commit applies what they hold. */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { CommitLedgersResult } from '../../contract/payloads';
import { warehouseActivities } from '../activity-proxies';
import type { DownloadTracker, Hurry } from './download-tracker';

/** **Units** ms. Commits begin close together, so that something is to be seen soon, and grow apart. */
const FIRST_COMMIT_MS = 2_000;
const GROWTH = 1.5;

/** While nothing comes down (nobody serves the downloads, all hosts wait) commits grow apart to this, for history's sake. **Units** ms. */
const LONGEST_MS = 240_000;

/** A snapshot is a copy of the file: at most 1 % of the time. The warehouse is locked by commits for at most as much. */
const PUBLISH_SHARE = 100;
const LOCKED_SHARE = 100;

/** Commits, and publishes when it is due, as long as `isRunning`. */
export async function commitWhile(
  tracker: DownloadTracker,
  isRunning: () => boolean,
): Promise<void> {
  const longest = tracker.input.tuning.commitSeconds * 1_000;
  const everyMs = tracker.input.input.publishEvery * 1_000;
  let pause = tracker.input.cursor === null ? Math.min(FIRST_COMMIT_MS, longest) : longest;
  let publishAt = Date.now() + everyMs;
  let isQuiet = false;
  for (;;) {
    const { movedAt } = tracker.batches;
    const isDue = (): boolean =>
      !isRunning() || isIdle(tracker) || (isQuiet && tracker.batches.movedAt !== movedAt);
    await rested(tracker, pause, isDue);
    if (!isRunning()) return;
    let committed = { lockHeldMs: 0, applied: 0 };
    const wasIdle = isIdle(tracker);
    await unlessLeft(tracker, isRunning, async () => {
      committed = await commitNow(tracker, 'commit');
    });
    if (everyMs > 0 && isRunning() && (wasIdle || Date.now() >= publishAt)) {
      const tookMs = await refresh(tracker, isRunning);
      publishAt = Date.now() + Math.max(everyMs, tookMs * PUBLISH_SHARE);
    }
    const { lockHeldMs, applied } = committed;
    const usual = Math.max(Math.min(pause * GROWTH, longest), lockHeldMs * LOCKED_SHARE);
    isQuiet = applied === 0;
    pause = isQuiet ? Math.max(usual, Math.min(pause * GROWTH, LONGEST_MS)) : usual;
    if (wasIdle) await rest(tracker, isRunning);
  }
}

/** Until the next commit is due. After one that held the lock for seconds this takes minutes: a record between says that it goes on. */
async function rested(
  tracker: DownloadTracker,
  pause: number,
  isDue: () => boolean,
): Promise<void> {
  for (let left = pause; left > 0; left -= LONGEST_MS) {
    if (left < pause) await tracker.tell('running', 'downloading');
    if (await condition(isDue, Math.min(left, LONGEST_MS), { summary: 'the next commit' })) return;
  }
}

/** Nothing moves until it is resumed, so its page is to say all that there is. */
async function rest(tracker: DownloadTracker, isRunning: () => boolean): Promise<void> {
  await tracker.tellParent('all that has come down is committed');
  await condition(() => !isRunning() || !isIdle(tracker));
}

/** A paused run, once its batches are back, has nothing to commit, for days perhaps. */
function isIdle({ steering, batches }: DownloadTracker): boolean {
  return steering.isPaused && batches.running === 0;
}

/**
 * Runs a write beside the downloads. When they have ended while something is in its way, it is given up: the child continues
 * as new with its downloads, or goes on to its flush, and the wait for the warehouse goes on there.
 */
async function unlessLeft(
  tracker: DownloadTracker,
  isRunning: () => boolean,
  write: () => Promise<void>,
): Promise<void> {
  let hasEnded = false;
  let isGivenUp = false;
  const isLeft = (): boolean => !isRunning() && tracker.writeObstacle !== null;
  const scope = new CancellationScope();
  const written = scope.run(write).finally(() => {
    hasEnded = true;
  });
  // A cancel ends the write itself, and that ends the wait for it.
  const ended = CancellationScope.nonCancellable(() => condition(() => hasEnded || isLeft()));
  await Promise.all([
    ended.then(() => {
      isGivenUp = !hasEnded;
      if (isGivenUp) scope.cancel();
    }),
    written.catch((error: unknown) => {
      if (!isGivenUp || !isCancellation(error)) throw error;
    }),
  ]);
}

/** One commit of this run's ledgers, told to everybody. */
export async function commitNow(
  tracker: DownloadTracker,
  summary: string,
  hurry?: Hurry,
): Promise<CommitLedgersResult> {
  const { warehouseId, runId } = tracker.input;
  const lockedSince = tracker.writeObstacle?.lockedSince ?? null;
  const result = await tracker.awaitWrite(
    'commitLedgers',
    () =>
      warehouseActivities().commitLedgers.executeWithOptions({ summary }, [
        { warehouseId, runId, lockedSince },
      ]),
    hurry,
  );
  tracker.take(result);
  await tracker.tell('running', 'downloading');
  return result;
}

/** **Units** ms that it took. */
async function refresh(tracker: DownloadTracker, isRunning: () => boolean): Promise<number> {
  const startedAt = Date.now();
  await unlessLeft(tracker, isRunning, () => publishNow(tracker, 'refresh the snapshot'));
  return Date.now() - startedAt;
}

export async function publishNow(tracker: DownloadTracker, summary: string): Promise<void> {
  await tracker.awaitWrite('publishSnapshot', () =>
    warehouseActivities().publishSnapshot.executeWithOptions({ summary }, [
      { warehouseId: tracker.input.warehouseId, record: null, materialise: false },
    ]),
  );
}
