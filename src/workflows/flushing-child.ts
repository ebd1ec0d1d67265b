/**
 * The frame of a child of the run whose batches write ledgers: batches run beside commits, and a
 * child that is cancelled or fails commits what its ledgers hold before it ends.
 */
import {
  CancellationScope,
  ContinueAsNew,
  defineSignal,
  isCancellation,
  log,
  setHandler,
} from '@temporalio/workflow';
import type { DownloadSteering } from '../contract/download-workflow';
import { isBlocking, type Obstacle } from '../contract/obstacle';
import { SIGNAL_STEER_DOWNLOADS } from '../contract/operator';
import type { QueueName } from '../contract/task-queues';
import {
  withBatchLiveness,
  type WatchedBatches,
  type WatchedChild,
} from './obstacles/with-batch-liveness';
import { withDiagnosis } from './obstacles/with-diagnosis';
import { runTogether } from './run-together';

const steerSignal = defineSignal<[DownloadSteering]>(SIGNAL_STEER_DOWNLOADS);

/** The summary of the last commit of a child. */
export const FLUSH = 'flush: commit what the ledgers hold';

/**
 * How long the flush of a run that was cancelled or has failed may take before it is diagnosed. In
 * seconds.
 */
const FLUSH_LATE_SECONDS = 15;

/** Limits of the last write of a child that ends. */
export interface FlushLimits {
  /** The write is diagnosed after this time. */
  readonly lateSeconds: number;
  /** Called when the write is blocked, which leaves it to the next run. */
  giveUp(): void;
}

export interface FlushingChild extends WatchedChild {
  /** The run was cancelled, and only the flush is left. */
  isCancelling: boolean;
  steer(steering: DownloadSteering): void;
  reportToParent(words: string): Promise<void>;
}

/**
 * Waits for an activity of the child. While it is late, passes what is in its way to the child.
 *
 * @throws the errors of `work`.
 */
export function awaitInChild<T>(
  child: WatchedChild,
  awaited: { readonly queue: QueueName; readonly activity: string },
  work: () => Promise<T>,
  flushLimits: FlushLimits | undefined,
): Promise<T> {
  const { input, plan } = child;
  const { warehouseId, runId, tuning } = input;
  const { queue, activity } = awaited;
  const lateSeconds = Math.min(flushLimits?.lateSeconds ?? Infinity, tuning.lateSeconds);
  const report = async (obstacle: Obstacle | null): Promise<void> => {
    await child.setObstacle(queue, obstacle);
    if (isBlocking(obstacle)) flushLimits?.giveUp();
  };
  return withDiagnosis({ warehouseId, runId, queue, activity, plan, lateSeconds, report }, work);
}

/**
 * Runs `work`, in which the child obeys what operators want. `commit` commits once.
 *
 * @throws the errors of `work`, after the flush.
 */
export async function withFlush<T>(
  child: FlushingChild,
  work: () => Promise<T>,
  commit: (limits: FlushLimits) => Promise<unknown>,
): Promise<T> {
  setHandler(
    steerSignal,
    (steering) => {
      child.steer(steering);
    },
    { description: "Sent by the run: send its updates to the run's own page." },
  );
  try {
    return await work();
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    child.isCancelling = isCancellation(error);
    await CancellationScope.nonCancellable(() => flushAfter(error, child, commit));
    throw error;
  }
}

/**
 * The end of such a run must not take an hour, so a flush that is blocked is left to the next run,
 * which starts with what the ledgers hold.
 */
async function flushAfter(
  error: unknown,
  child: FlushingChild,
  commit: (limits: FlushLimits) => Promise<unknown>,
): Promise<void> {
  const scope = new CancellationScope();
  const giveUp = (): void => {
    scope.cancel();
  };
  try {
    await scope.run(() => commit({ lateSeconds: FLUSH_LATE_SECONDS, giveUp }));
    await child.reportToParent('flushed');
  } catch (flushError) {
    // Users must see the first failure. The ledgers keep what could not be committed.
    log.warn('the flush failed too', { first: String(error), second: String(flushError) });
    await child.reportToParent('not everything could be committed');
  }
}

/**
 * Runs all batches, and commits until they have ended.
 *
 * @returns the result of `batches`.
 */
export async function besideCommits<T>(
  child: FlushingChild,
  watched: WatchedBatches,
  batches: () => Promise<T>,
  commitWhile: (isRunning: () => boolean) => Promise<void>,
): Promise<T> {
  let isDone = false;
  const [result] = await runTogether([
    async () => {
      try {
        return await withBatchLiveness(child, watched, batches);
      } finally {
        isDone = true;
      }
    },
    () => commitWhile(() => !isDone),
  ]);
  return result;
}
