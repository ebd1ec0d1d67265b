/** Commits while downloads run: ledgers grow, every now and then one commit applies what they hold. */
import { condition } from '@temporalio/workflow';
import { warehouseActivities } from './activity-proxies';
import type { DownloadBoard } from './download-board';

/** **Units** ms. Commits begin close together, so that something is to be seen soon, and grow apart. */
const FIRST_COMMIT_MS = 2_000;
const GROWTH = 1.5;

/** A snapshot is a copy of the file: at most 1 % of the time. The warehouse is locked by commits for at most as much. */
const PUBLISH_SHARE = 100;
const LOCKED_SHARE = 100;

/** Commits, and publishes when it is due, as long as `isRunning`. */
export async function commitWhile(board: DownloadBoard, isRunning: () => boolean): Promise<void> {
  const longest = board.input.tuning.commitSeconds * 1_000;
  const everyMs = board.input.input.publishEvery * 1_000;
  let pause = board.input.cursor === null ? Math.min(FIRST_COMMIT_MS, longest) : longest;
  let publishAt = Date.now() + everyMs;
  while (!(await condition(() => !isRunning(), pause))) {
    const lockedMs = await commitNow(board, 'commit');
    if (everyMs > 0 && Date.now() >= publishAt) {
      const tookMs = await publish(board);
      publishAt = Date.now() + Math.max(everyMs, tookMs * PUBLISH_SHARE);
    }
    pause = Math.max(Math.min(pause * GROWTH, longest), lockedMs * LOCKED_SHARE);
  }
}

/** One commit of this run's ledgers, told to everybody; for how long it locked the warehouse. **Units** ms. */
export async function commitNow(board: DownloadBoard, summary: string): Promise<number> {
  const { warehouseId, runId } = board.input;
  const result = await warehouseActivities().commitLedgers.executeWithOptions({ summary }, [
    { warehouseId, runId },
  ]);
  board.take(result);
  await board.tell(
    'running',
    `last commit ${new Date().toISOString()}: ${result.applied} outcomes`,
  );
  return result.lockHeldMs;
}

async function publish(board: DownloadBoard): Promise<number> {
  const startedAt = Date.now();
  await warehouseActivities().publishSnapshot.executeWithOptions(
    { summary: 'refresh the snapshot' },
    [{ warehouseId: board.input.warehouseId, record: null, materialise: false }],
  );
  return Date.now() - startedAt;
}
