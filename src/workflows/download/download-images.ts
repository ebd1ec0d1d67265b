/**
 * The downloads of one run: lease, recovery, plan, a window of lanes, flush. A child of
 * `runPipeline`. It never parks; it fails.
 */
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  DownloadCursor,
  DownloadImagesInput,
  DownloadImagesResult,
  DownloadProgress,
} from '../../contract/download-workflow';
import type { AwaitLeaseResult, PlanDownloadsResult } from '../../contract/payloads';
import { planActivities, warehouseActivities } from '../activity-proxies';
import { FLUSH, besideCommits, withFlush } from '../flushing-child';
import { PROGRESS_BESIDE_WORK } from '../reporting/report-progress';
import { runTogether } from '../run-together';
import { commitNow, commitWhile, publishNow } from './commit-loop';
import { DownloadTracker } from './download-tracker';
import { scheduleLanes } from './lane-scheduler';
import { openLane } from './lane-window';

const BATCHES = { queue: 'download', activity: 'downloadBatch' } as const;

/**
 * Downloads, and returns the run's counts and codes.
 *
 * @throws the failure of the activity that could not do its work; a cancellation when it was
 *   cancelled. It flushes before either.
 */
export async function downloadImages(input: DownloadImagesInput): Promise<DownloadImagesResult> {
  const tracker = new DownloadTracker(input);
  const work = async (): Promise<DownloadImagesResult> => {
    if (input.cursor !== null) tracker.restoreDetails();
    const cursor = input.cursor ?? (await begin(tracker));
    const left = await besideCommits(
      tracker,
      BATCHES,
      () => scheduleLanes(tracker, cursor),
      (isRunning) => commitWhile(tracker, isRunning),
    );
    if (left !== null) await continueWith(tracker, left);
    await commitNow(tracker, FLUSH);
    await condition(allHandlersFinished);
    return tracker.progress('running', 'all downloads are done');
  };
  return withFlush(tracker, work, (limits) => commitNow(tracker, FLUSH, limits));
}

/**
 * Takes the lease, recovers, then plans. In this order nothing is fetched that any ledger on disk
 * has.
 */
async function begin(tracker: DownloadTracker): Promise<DownloadCursor> {
  const { warehouseId, runId, input } = tracker.input;
  const { isFirst = false } = await takeLease(tracker);
  const isBeside = patched(PROGRESS_BESIDE_WORK);
  const report = (): Promise<void> =>
    tracker.report('running', 'committing what earlier runs left in their ledgers, then planning');
  if (isBeside) await runTogether([report, () => recover(tracker, isFirst)]);
  else {
    await report();
    await recover(tracker, isFirst);
  }
  const { select, limit, only, collection } = input;
  const hosts = { ...input.hosts, ...tracker.steering.hosts };
  const plan = await tracker.awaitPlan('planDownloads', () =>
    planActivities().planDownloads.executeWithOptions(
      { activityId: 'plan', summary: 'plan what to download' },
      [{ warehouseId, runId, select, limit, only, hosts, collection }],
    ),
  );
  tracker.counts = { ...tracker.counts, planned: plan.settled + plan.planned };
  tracker.unknownIds = plan.unknownIds;
  const words = `${plan.planned} images to download in ${plan.lanes} lanes`;
  if (isBeside) tracker.reportInBackground('the plan', words);
  else await tracker.report('running', words);
  return firstCursor(plan, tracker.progress('running', ''));
}

function firstCursor(
  { planned, pages, firstLanes }: PlanDownloadsResult,
  progress: DownloadProgress,
): DownloadCursor {
  const page = firstLanes === undefined ? 0 : 1;
  return { planned, pages, page, lanes: (firstLanes ?? []).map(openLane), dispatch: 0, progress };
}

/** Costs one activity, however long it waits, and two more for each run that has to be named. */
async function takeLease(tracker: DownloadTracker): Promise<AwaitLeaseResult> {
  const { warehouseId, runId } = tracker.input;
  const childWorkflowId = workflowInfo().workflowId;
  let knownHolder: string | null = null;
  return tracker.awaitPlan('awaitLease', async () => {
    for (;;) {
      const result: AwaitLeaseResult = await planActivities().awaitLease.executeWithOptions(
        { activityId: 'lease', summary: 'wait for other runs over this data root' },
        [{ warehouseId, runId, childWorkflowId, knownHolder }],
      );
      if (result.holder === null) return result;
      knownHolder = result.holder;
      await tracker.setObstacle('plan', result.obstacle);
    }
  });
}

async function recover(tracker: DownloadTracker, isFirst: boolean): Promise<void> {
  const { warehouseId } = tracker.input;
  if (!isFirst)
    await tracker.awaitWrite('commitLedgers', () =>
      warehouseActivities().commitLedgers.executeWithOptions(
        { activityId: 'recover', summary: 'commit every ledger on disk that is not committed yet' },
        [{ warehouseId, runId: null }],
      ),
    );
  await publishNow(tracker, 'publish the snapshot that planning reads');
}

async function continueWith(tracker: DownloadTracker, cursor: DownloadCursor): Promise<never> {
  await condition(allHandlersFinished);
  const { input, sequence, steering } = tracker;
  return continueAsNew<typeof downloadImages>({ ...input, sequence, steering, cursor });
}
