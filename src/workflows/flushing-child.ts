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
import { SIGNAL_STEER_DOWNLOADS } from '../contract/operator';
import type { FlushLimits } from './download/download-tracker';
import {
  withBatchLiveness,
  type WatchedBatches,
  type WatchedChild,
} from './obstacles/with-batch-liveness';
import { runTogether } from './run-together';

const steerSignal = defineSignal<[DownloadSteering]>(SIGNAL_STEER_DOWNLOADS);

/** The summary of the last commit of a child. */
export const FLUSH = 'flush: commit what the ledgers hold';

/**
 * How long the flush of a run that was cancelled or has failed may take before it is diagnosed. In
 * seconds.
 */
const FLUSH_LATE_SECONDS = 15;

export interface FlushingChild extends WatchedChild {
  /** The run was cancelled, and only the flush is left. */
  isCancelling: boolean;
  steer(steering: DownloadSteering): void;
  reportToParent(words: string): Promise<void>;
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
