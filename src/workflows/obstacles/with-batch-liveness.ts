/**
 * Finds out when no batch makes progress (no worker polls their queue, or every batch
 * fails), and which batch an operator has paused.
 */
import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import type { Tuning } from '../../contract/payloads';
import type { RunRef } from '../../contract/run-ref';
import type { QueueName } from '../../contract/task-queues';
import type { RunningBatches } from '../download/running-batches';
import type { PlanQueueLiveness } from './plan-queue-liveness';
import { diagnose, ignoreDiagnosisFailure } from './with-diagnosis';

/**
 * A batch takes a minute and a half, and there may be many of them. One timer watches all of them.
 * It fires rarely while batches begin and end, and more rarely still when a diagnosis has found
 * that a worker is busy. Each pause is a multiple of the seconds after which a write is late.
 */
const PAUSE_WHILE_MOVING = 2;
const PAUSE_WHEN_BUSY = 3;
const GROWTH = 1.5;
const LONGEST_PAUSE = 8;

/** A child whose batches are watched. */
export interface WatchedChild {
  readonly input: RunRef & { readonly tuning: Tuning };
  readonly batches: RunningBatches;
  readonly plan: PlanQueueLiveness;
  setObstacle(queue: QueueName, obstacle: Obstacle | null): Promise<void>;
  clearObstacle(queue: QueueName): void;
}

/** The queue of its batches, and their activity type. */
export interface WatchedBatches {
  readonly queue: QueueName;
  readonly activity: string;
}

/**
 * Runs `work`, all batches of a child, and watches their batches meanwhile.
 *
 * @throws the errors of `work`.
 */
export async function withBatchLiveness<T>(
  tracker: WatchedChild,
  watched: WatchedBatches,
  work: () => Promise<T>,
): Promise<T> {
  const scope = new CancellationScope();
  const watching = scope.run(() => watchBatches(tracker, watched)).catch(ignoreDiagnosisFailure);
  try {
    return await work();
  } finally {
    scope.cancel();
    await watching;
    tracker.clearObstacle(watched.queue);
  }
}

async function watchBatches(tracker: WatchedChild, watched: WatchedBatches): Promise<never> {
  const late = tracker.input.tuning.lateSeconds;
  let pause = 1;
  for (;;) {
    // A paused run may have no batch for days, so it sets no timers then.
    await condition(() => tracker.batches.running > 0);
    await sleep(pause * late * 1_000, { summary: 'do batches progress?' });
    if (!isDiagnosisDue(tracker)) {
      pause = PAUSE_WHILE_MOVING;
      continue;
    }
    const obstacle = await diagnoseBatches(tracker, watched).catch(ignoreDiagnosisFailure);
    const isAtWork = obstacle?.kind === 'busy';
    await tracker.setObstacle(watched.queue, isAtWork ? null : (obstacle ?? null));
    pause = isAtWork ? PAUSE_WHEN_BUSY : Math.min(pause * GROWTH, LONGEST_PAUSE);
  }
}

/**
 * No batch begins or ends, or one is beyond its time box while others move: an operator may have
 * paused it.
 */
function isDiagnosisDue({ batches, input: { tuning } }: WatchedChild): boolean {
  const late = Date.now() - tuning.lateSeconds * 1_000;
  const isOld = batches.oldestAt <= late - tuning.batchSeconds * 1_000;
  return batches.running > 0 && (batches.changedAt <= late || isOld);
}

function diagnoseBatches(
  { input, plan }: WatchedChild,
  watched: WatchedBatches,
): Promise<Obstacle | null> {
  const { warehouseId, runId } = input;
  return diagnose({ warehouseId, runId, ...watched, plan });
}
