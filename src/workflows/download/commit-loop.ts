/** Commits while downloads run: ledgers grow, every now and then one commit applies what they hold. */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { CommitLedgersResult } from '../../contract/payloads';
import { warehouseActivities } from '../activity-proxies';
import type { DownloadBoard, Hurry } from './download-state';

/** **Units** ms. Commits begin close together, so that something is to be seen soon, and grow apart. */
const FIRST_COMMIT_MS = 2_000;
const GROWTH = 1.5;

/** While nothing comes down (nobody serves the downloads, all hosts wait) commits grow apart to this, for history's sake. **Units** ms. */
const LONGEST_MS = 240_000;

/** A snapshot is a copy of the file: at most 1 % of the time. The warehouse is locked by commits for at most as much. */
const PUBLISH_SHARE = 100;
const LOCKED_SHARE = 100;

/** Commits, and publishes when it is due, as long as `isRunning`. */
export async function commitWhile(board: DownloadBoard, isRunning: () => boolean): Promise<void> {
  const longest = board.input.tuning.commitSeconds * 1_000;
  const everyMs = board.input.input.publishEvery * 1_000;
  let pause = board.input.cursor === null ? Math.min(FIRST_COMMIT_MS, longest) : longest;
  let publishAt = Date.now() + everyMs;
  let isQuiet = false;
  for (;;) {
    const { movedAt } = board.batches;
    const isDue = (): boolean =>
      !isRunning() || isIdle(board) || (isQuiet && board.batches.movedAt !== movedAt);
    await rested(board, pause, isDue);
    if (!isRunning()) return;
    let committed = { lockHeldMs: 0, applied: 0 };
    const wasIdle = isIdle(board);
    await unlessLeft(board, isRunning, async () => {
      committed = await commitNow(board, 'commit');
    });
    if (everyMs > 0 && isRunning() && (wasIdle || Date.now() >= publishAt)) {
      const tookMs = await refresh(board, isRunning);
      publishAt = Date.now() + Math.max(everyMs, tookMs * PUBLISH_SHARE);
    }
    const { lockHeldMs, applied } = committed;
    const usual = Math.max(Math.min(pause * GROWTH, longest), lockHeldMs * LOCKED_SHARE);
    isQuiet = applied === 0;
    pause = isQuiet ? Math.max(usual, Math.min(pause * GROWTH, LONGEST_MS)) : usual;
    if (wasIdle) await rest(board, isRunning);
  }
}

/** Until the next commit is due. After one that held the lock for seconds this takes minutes: a record between says that it goes on. */
async function rested(board: DownloadBoard, pause: number, isDue: () => boolean): Promise<void> {
  for (let left = pause; left > 0; left -= LONGEST_MS) {
    if (left < pause) await board.tell('running', 'downloading');
    if (await condition(isDue, Math.min(left, LONGEST_MS), { summary: 'the next commit' })) return;
  }
}

/** Nothing moves until it is resumed, so its page is to say all that there is. */
async function rest(board: DownloadBoard, isRunning: () => boolean): Promise<void> {
  await board.tellParent('all that has come down is committed');
  await condition(() => !isRunning() || !isIdle(board));
}

/** A paused run, once its batches are back, has nothing to commit, for days perhaps. */
function isIdle({ steering, batches }: DownloadBoard): boolean {
  return steering.isPaused && batches.running === 0;
}

/**
 * Runs a write beside the downloads. When they have ended while something is in its way, it is given up: the child continues
 * as new with its downloads, or goes on to its flush, and the wait for the warehouse goes on there.
 */
async function unlessLeft(
  board: DownloadBoard,
  isRunning: () => boolean,
  write: () => Promise<void>,
): Promise<void> {
  let hasEnded = false;
  let isGivenUp = false;
  const isLeft = (): boolean => !isRunning() && board.writeObstacle !== null;
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
  board: DownloadBoard,
  summary: string,
  hurry?: Hurry,
): Promise<CommitLedgersResult> {
  const { warehouseId, runId } = board.input;
  const lockedSince = board.writeObstacle?.lockedSince ?? null;
  const result = await board.awaitWrite(
    'commitLedgers',
    () =>
      warehouseActivities().commitLedgers.executeWithOptions({ summary }, [
        { warehouseId, runId, lockedSince },
      ]),
    hurry,
  );
  board.take(result);
  await board.tell('running', 'downloading');
  return result;
}

/** **Units** ms that it took. */
async function refresh(board: DownloadBoard, isRunning: () => boolean): Promise<number> {
  const startedAt = Date.now();
  await unlessLeft(board, isRunning, () => publishNow(board, 'refresh the snapshot'));
  return Date.now() - startedAt;
}

export async function publishNow(board: DownloadBoard, summary: string): Promise<void> {
  await board.awaitWrite('publishSnapshot', () =>
    warehouseActivities().publishSnapshot.executeWithOptions({ summary }, [
      { warehouseId: board.input.warehouseId, record: null, materialise: false },
    ]),
  );
}
