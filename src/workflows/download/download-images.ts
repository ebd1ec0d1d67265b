/**
 * The downloads of one run: lease, recovery, plan, a window of lanes, flush. A child of
 * `runPipeline`. It never parks; it fails.
 */
import {
  CancellationScope,
  ContinueAsNew,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  DownloadCursor,
  DownloadImagesInput,
  DownloadImagesResult,
  DownloadSteering,
} from '../../contract/download-workflow';
import { SIGNAL_STEER_DOWNLOADS } from '../../contract/operator';
import type { AwaitLeaseResult } from '../../contract/payloads';
import { planActivities, warehouseActivities } from '../activity-proxies';
import { commitNow, commitWhile, publishNow } from './commit-loop';
import { DownloadTracker } from './download-tracker';
import { scheduleLanes } from './lane-scheduler';
import { runTogether } from '../run-together';
import { withBatchLiveness } from '../obstacles/with-batch-liveness';

const steerSignal = defineSignal<[DownloadSteering]>(SIGNAL_STEER_DOWNLOADS);

const BATCHES = { queue: 'download', activity: 'downloadBatch' } as const;

const FLUSH = 'flush: commit what the ledgers hold';

/**
 * How long the flush of a run that was cancelled or has failed may take before it is diagnosed. In
 * seconds.
 */
const FLUSH_LATE_SECONDS = 15;

/**
 * Downloads, and returns the run's counts and codes.
 *
 * @throws the failure of the activity that could not do its work; a cancellation when it was
 *   cancelled. It flushes before either.
 */
export async function downloadImages(input: DownloadImagesInput): Promise<DownloadImagesResult> {
  const tracker = new DownloadTracker(input);
  setHandler(
    steerSignal,
    (steering) => {
      tracker.steer(steering);
    },
    { description: "Sent by the run: send its updates to the run's own page." },
  );
  try {
    if (input.cursor !== null) tracker.restoreDetails();
    const cursor = input.cursor ?? (await begin(tracker));
    const left = await download(tracker, cursor);
    if (left !== null) await continueWith(tracker, left);
    await flush(tracker);
    await condition(allHandlersFinished);
    return tracker.progress('running', 'all downloads are done');
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    tracker.isCancelling = isCancellation(error);
    await CancellationScope.nonCancellable(() => flushAfter(error, tracker));
    throw error;
  }
}

/**
 * Takes the lease, recovers, then plans. In this order nothing is fetched that any ledger on disk
 * has.
 */
async function begin(tracker: DownloadTracker): Promise<DownloadCursor> {
  const { warehouseId, runId, input } = tracker.input;
  await takeLease(tracker);
  await tracker.report(
    'running',
    'committing what earlier runs left in their ledgers, then planning',
  );
  await recover(tracker);
  const { select, limit, only, collection } = input;
  const hosts = { ...input.hosts, ...tracker.steering.hosts };
  const plan = await tracker.awaitPlan('planDownloads', () =>
    planActivities().planDownloads.executeWithOptions(
      { activityId: 'plan', summary: 'plan what to download' },
      [{ warehouseId, runId, select, limit, only, hosts, collection }],
    ),
  );
  tracker.counts = { ...tracker.counts, planned: plan.settled + plan.planned };
  await tracker.report('running', `${plan.planned} images to download in ${plan.lanes} lanes`);
  return { ...plan, page: 0, lanes: [], dispatch: 0, progress: tracker.progress('running', '') };
}

/** Costs one activity, however long it waits, and two more for each run that has to be named. */
async function takeLease(tracker: DownloadTracker): Promise<void> {
  const { warehouseId, runId } = tracker.input;
  const childWorkflowId = workflowInfo().workflowId;
  let knownHolder: string | null = null;
  await tracker.awaitPlan('awaitLease', async () => {
    for (;;) {
      const { holder, obstacle }: AwaitLeaseResult =
        await planActivities().awaitLease.executeWithOptions(
          { activityId: 'lease', summary: 'wait for other runs over this data root' },
          [{ warehouseId, runId, childWorkflowId, knownHolder }],
        );
      if (holder === null) return;
      knownHolder = holder;
      await tracker.setObstacle('plan', obstacle);
    }
  });
}

async function recover(tracker: DownloadTracker): Promise<void> {
  const { warehouseId } = tracker.input;
  await tracker.awaitWrite('commitLedgers', () =>
    warehouseActivities().commitLedgers.executeWithOptions(
      { activityId: 'recover', summary: 'commit every ledger on disk that is not committed yet' },
      [{ warehouseId, runId: null }],
    ),
  );
  await publishNow(tracker, 'publish the snapshot that planning reads');
}

/**
 * Runs the lanes and the commits side by side. Returns what is left when the child must continue as
 * new.
 */
async function download(
  tracker: DownloadTracker,
  cursor: DownloadCursor,
): Promise<DownloadCursor | null> {
  let isDone = false;
  const [left] = await runTogether([
    async () => {
      try {
        return await withBatchLiveness(tracker, BATCHES, () => scheduleLanes(tracker, cursor));
      } finally {
        isDone = true;
      }
    },
    () => commitWhile(tracker, () => !isDone),
  ]);
  return left;
}

async function continueWith(tracker: DownloadTracker, cursor: DownloadCursor): Promise<never> {
  await condition(allHandlersFinished);
  const { input, sequence, steering } = tracker;
  return continueAsNew<typeof downloadImages>({ ...input, sequence, steering, cursor });
}

async function flush(tracker: DownloadTracker): Promise<void> {
  await commitNow(tracker, FLUSH);
}

/**
 * Flushes a run that was cancelled or has failed. The end of such a run must not take an hour, so a
 * flush that is blocked is left to the next run, which starts with what the ledgers hold.
 */
async function flushAfter(error: unknown, tracker: DownloadTracker): Promise<void> {
  const scope = new CancellationScope();
  const giveUp = (): void => {
    scope.cancel();
  };
  try {
    await scope.run(() => commitNow(tracker, FLUSH, { lateSeconds: FLUSH_LATE_SECONDS, giveUp }));
    await tracker.reportToParent('flushed');
  } catch (flushError) {
    // Users must see the first failure. The ledgers keep what could not be committed.
    log.warn('the flush failed too', { first: String(error), second: String(flushError) });
    await tracker.reportToParent('not everything could be committed');
  }
}
