/** Finds out when no batch goes on (nobody serves the download queue, or every batch fails), and which one an operator has paused. */
import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import type { DownloadTracker } from '../download/download-tracker';
import { diagnose, notEnded } from './with-diagnosis';

/**
 * Batches take a minute and a half each, and there may be many: one timer for all, sparse while they end, sparser when a look
 * has found a worker at work. **Units** of the seconds after which a write is late.
 */
const BETWEEN = 2;
const AFTER_A_LOOK = 3;
const GROWTH = 1.5;
const MOST = 8;

/** Runs `work`, the downloads; watches them meanwhile. **Errors** those of `work`. */
export async function withBatchLiveness<T>(
  tracker: DownloadTracker,
  work: () => Promise<T>,
): Promise<T> {
  const scope = new CancellationScope();
  const watching = scope.run(() => watch(tracker)).catch(notEnded);
  try {
    return await work();
  } finally {
    scope.cancel();
    await watching;
    tracker.forget('download');
  }
}

async function watch(tracker: DownloadTracker): Promise<never> {
  const late = tracker.input.tuning.lateSeconds;
  let pause = 1;
  for (;;) {
    // A paused run may have none for days: no timers then.
    await condition(() => tracker.batches.running > 0);
    await sleep(pause * late * 1_000, { summary: 'do batches go on?' });
    if (!isLookDue(tracker)) {
      pause = BETWEEN;
      continue;
    }
    const seen = await lookAtBatches(tracker).catch(notEnded);
    const isAtWork = seen?.kind === 'busy';
    await tracker.meet('download', isAtWork ? null : (seen ?? null));
    pause = isAtWork ? AFTER_A_LOOK : Math.min(pause * GROWTH, MOST);
  }
}

/** None begins or ends; or others do, but one is beyond its time box: it may have been paused. */
function isLookDue({ batches, input: { tuning } }: DownloadTracker): boolean {
  const late = Date.now() - tuning.lateSeconds * 1_000;
  const isOld = batches.oldestAt <= late - tuning.batchSeconds * 1_000;
  return batches.running > 0 && (batches.movedAt <= late || isOld);
}

function lookAtBatches({ input, plan }: DownloadTracker): Promise<Obstacle | null> {
  const { warehouseId, runId } = input;
  return diagnose({ warehouseId, runId, queue: 'download', activity: 'downloadBatch', plan });
}
