/** Finds out when no batch goes on (nobody serves the download queue, or every batch fails), and which one an operator has paused. */
import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import type { DownloadBoard } from '../download/download-state';
import { look, notEnded } from './with-diagnosis';

/**
 * Batches take a minute and a half each, and there may be many: one timer for all, sparse while they end, sparser when a look
 * has found a worker at work. **Units** of the seconds after which a write is late.
 */
const BETWEEN = 2;
const AFTER_A_LOOK = 3;
const GROWTH = 1.5;
const MOST = 8;

/** Runs `work`, the downloads; watches them meanwhile. **Errors** those of `work`. */
export async function watched<T>(board: DownloadBoard, work: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  const watching = scope.run(() => watch(board)).catch(notEnded);
  try {
    return await work();
  } finally {
    scope.cancel();
    await watching;
    board.forget('download');
  }
}

async function watch(board: DownloadBoard): Promise<never> {
  const late = board.input.tuning.lateSeconds;
  let pause = 1;
  for (;;) {
    // A paused run may have none for days: no timers then.
    await condition(() => board.batches.running > 0);
    await sleep(pause * late * 1_000, { summary: 'do batches go on?' });
    if (!isLookDue(board)) {
      pause = BETWEEN;
      continue;
    }
    const seen = await lookAtBatches(board).catch(notEnded);
    const isAtWork = seen?.kind === 'busy';
    await board.meet('download', isAtWork ? null : (seen ?? null));
    pause = isAtWork ? AFTER_A_LOOK : Math.min(pause * GROWTH, MOST);
  }
}

/** None begins or ends; or others do, but one is beyond its time box: it may have been paused. */
function isLookDue({ batches, input: { tuning } }: DownloadBoard): boolean {
  const late = Date.now() - tuning.lateSeconds * 1_000;
  const isOld = batches.oldestAt <= late - tuning.batchSeconds * 1_000;
  return batches.running > 0 && (batches.movedAt <= late || isOld);
}

function lookAtBatches({ input, plan }: DownloadBoard): Promise<Obstacle | null> {
  const { warehouseId, runId } = input;
  return look({ warehouseId, runId, queue: 'download', activity: 'downloadBatch', plan });
}
