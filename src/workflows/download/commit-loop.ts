/**
 * Commits while downloads run. Ledgers grow, and every few seconds one commit applies what they
 * hold.
 */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { CommitLedgersResult } from '../../contract/payloads';
import { warehouseActivities } from '../activity-proxies';
import { FIRST_COMMIT_MS, LONGEST_PAUSE_MS, nextPause } from '../commit-pause';
import type { FlushLimits } from '../flushing-child';
import type { DownloadTracker } from './download-tracker';

/** Publishing copies the file, and may take at most 1 % of the time. */
const PUBLISH_SHARE = 100;

/** Commits, and publishes when that is due, as long as `isRunning`. */
export async function commitWhile(
  tracker: DownloadTracker,
  isRunning: () => boolean,
): Promise<void> {
  const longest = tracker.input.tuning.commitSeconds * 1_000;
  const publishEveryMs = tracker.input.input.publishEvery * 1_000;
  let pause = tracker.input.cursor === null ? Math.min(FIRST_COMMIT_MS, longest) : longest;
  let publishAt = Date.now() + publishEveryMs;
  let isQuiet = false;
  for (;;) {
    const { changedAt } = tracker.batches;
    const isDue = (): boolean =>
      !isRunning() || isIdle(tracker) || (isQuiet && tracker.batches.changedAt !== changedAt);
    await waitForNextCommit(tracker, pause, isDue);
    if (!isRunning()) return;
    let committed = { lockHeldMs: 0, applied: 0 };
    const wasIdle = isIdle(tracker);
    await unlessAbandoned(tracker, isRunning, async () => {
      committed = await commitNow(tracker, 'commit');
    });
    if (publishEveryMs > 0 && isRunning() && (wasIdle || Date.now() >= publishAt)) {
      const durationMs = await refreshSnapshot(tracker, isRunning);
      publishAt = Date.now() + Math.max(publishEveryMs, durationMs * PUBLISH_SHARE);
    }
    isQuiet = committed.applied === 0;
    pause = nextPause(pause, longest, committed);
    if (wasIdle) await waitWhileIdle(tracker, isRunning);
  }
}

/**
 * Waits until the next commit is due. With long pauses (`ARTEMIS_COMMIT_SECONDS`) a progress record
 * in between shows that the run is alive.
 */
async function waitForNextCommit(
  tracker: DownloadTracker,
  pause: number,
  isDue: () => boolean,
): Promise<void> {
  for (let left = pause; left > 0; left -= LONGEST_PAUSE_MS) {
    if (left < pause) await tracker.report('running', 'downloading');
    if (await condition(isDue, Math.min(left, LONGEST_PAUSE_MS), { summary: 'the next commit' }))
      return;
  }
}

/**
 * Waits while the run is paused. Nothing changes until it is resumed, so its details must show
 * everything that there is.
 */
async function waitWhileIdle(tracker: DownloadTracker, isRunning: () => boolean): Promise<void> {
  await tracker.reportToParent('all that has come down is committed');
  await condition(() => !isRunning() || !isIdle(tracker));
}

/** A paused run whose batches have returned has nothing to commit, perhaps for days. */
function isIdle({ steering, batches }: DownloadTracker): boolean {
  return steering.isPaused && batches.running === 0;
}

/**
 * Runs a write beside the downloads. When the downloads have ended while an obstacle is in the
 * write's way, the write is abandoned. The child then continues as new with its downloads, or
 * continues to its flush, and waits for the warehouse there.
 */
async function unlessAbandoned(
  tracker: DownloadTracker,
  isRunning: () => boolean,
  write: () => Promise<void>,
): Promise<void> {
  let hasEnded = false;
  let wasAbandoned = false;
  const isAbandoned = (): boolean => !isRunning() && tracker.writeObstacle !== null;
  const scope = new CancellationScope();
  const written = scope.run(write).finally(() => {
    hasEnded = true;
  });
  // A cancellation ends the write itself, and that ends the wait for it.
  const ended = CancellationScope.nonCancellable(() => condition(() => hasEnded || isAbandoned()));
  await Promise.all([
    ended.then(() => {
      wasAbandoned = !hasEnded;
      if (wasAbandoned) scope.cancel();
    }),
    written.catch((error: unknown) => {
      if (!wasAbandoned || !isCancellation(error)) throw error;
    }),
  ]);
}

/** Commits this run's ledgers once, and reports the result. */
export async function commitNow(
  tracker: DownloadTracker,
  summary: string,
  flushLimits?: FlushLimits,
): Promise<CommitLedgersResult> {
  const { warehouseId, runId } = tracker.input;
  const lockedSince = tracker.writeObstacle?.lockedSince ?? null;
  const result = await tracker.awaitWrite(
    'commitLedgers',
    () =>
      warehouseActivities().commitLedgers.executeWithOptions({ summary }, [
        { warehouseId, runId, lockedSince },
      ]),
    flushLimits,
  );
  tracker.applyCommit(result);
  await tracker.report('running', 'downloading');
  return result;
}

/** @returns how long it took, in milliseconds. */
async function refreshSnapshot(
  tracker: DownloadTracker,
  isRunning: () => boolean,
): Promise<number> {
  const startedAt = Date.now();
  await unlessAbandoned(tracker, isRunning, () => publishNow(tracker, 'refresh the snapshot'));
  return Date.now() - startedAt;
}

export async function publishNow(tracker: DownloadTracker, summary: string): Promise<void> {
  await tracker.awaitWrite('publishSnapshot', () =>
    warehouseActivities().publishSnapshot.executeWithOptions({ summary }, [
      { warehouseId: tracker.input.warehouseId, record: null, materialise: false },
    ]),
  );
}
