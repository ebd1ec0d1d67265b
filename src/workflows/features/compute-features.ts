/**
 * The features of one run: recovery, plan, lanes beside commits, flush, publication. A child of
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
} from '@temporalio/workflow';
import type { DownloadSteering } from '../../contract/download-workflow';
import type {
  ComputeFeaturesInput,
  FeatureCursor,
  FeatureProgress,
} from '../../contract/feature-workflow';
import { SIGNAL_STEER_DOWNLOADS } from '../../contract/operator';
import { planActivities, warehouseActivities } from '../activity-proxies';
import type { FlushLimits } from '../download/download-tracker';
import { withBatchLiveness } from '../obstacles/with-batch-liveness';
import { runTogether } from '../run-together';
import { runFeatureLanes } from './feature-lanes';
import { FeatureTracker } from './feature-tracker';

const steerSignal = defineSignal<[DownloadSteering]>(SIGNAL_STEER_DOWNLOADS);

const BATCHES = { queue: 'features', activity: 'featureBatch' } as const;
const COMMIT = { queue: 'warehouse', activity: 'commitFeatures' } as const;
const COMPUTING = 'computing features';

/**
 * The pauses between commits grow from the first one, in milliseconds, and are so long that commits
 * lock the warehouse for at most 1 % of the time. Without new lines they grow to the longest.
 */
const FIRST_COMMIT_MS = 2_000;
const LONGEST_MS = 240_000;
const GROWTH = 1.5;
const LOCKED_SHARE = 100;

/** How long the flush of a run that was cancelled or has failed may take, in seconds. */
const FLUSH_LATE_SECONDS = 15;

/**
 * Computes, and returns the run's counts.
 *
 * @throws the failure of the activity that could not do its work; a cancellation when it was
 *   cancelled. It flushes before either.
 */
export async function computeFeatures(input: ComputeFeaturesInput): Promise<FeatureProgress> {
  const tracker = new FeatureTracker(input);
  setHandler(
    steerSignal,
    (steering) => {
      tracker.steer(steering);
    },
    { description: "Sent by the run: send its updates to the run's own page." },
  );
  try {
    const cursor = input.cursor ?? (await begin(tracker));
    const left = await compute(tracker, cursor);
    if (left !== null) await continueWith(tracker, left);
    await commitNow(tracker, 'flush: commit what the ledgers hold');
    await publish(tracker, 'publish the features');
    await condition(allHandlersFinished);
    return tracker.progress();
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    tracker.isCancelling = isCancellation(error);
    await CancellationScope.nonCancellable(() => flushAfter(error, tracker));
    throw error;
  }
}

/** Commits what is on disk, then plans from the snapshot: nothing that any ledger has is computed. */
async function begin(tracker: FeatureTracker): Promise<FeatureCursor> {
  const { warehouseId, runId, input } = tracker.input;
  await tracker.report('committing what earlier runs left in their ledgers, then planning');
  await tracker.await(COMMIT, () =>
    warehouseActivities().commitFeatures.executeWithOptions(
      { activityId: 'recover', summary: 'commit every ledger of features on disk' },
      [{ warehouseId, runId: null }],
    ),
  );
  const { run } = await commitNow(tracker, 'count what this run has computed before');
  await publish(tracker, 'publish the snapshot that planning reads');
  const { select, limit, only, collection } = input;
  const plan = await tracker.await({ queue: 'plan', activity: 'planFeatures' }, () =>
    planActivities().planFeatures.executeWithOptions(
      { activityId: 'plan', summary: 'plan whose features to compute' },
      [{ warehouseId, runId, select, limit, only, collection }],
    ),
  );
  tracker.startPlan(plan.planned, run);
  await tracker.report(`${plan.planned} of ${plan.stored} stored files to compute`);
  const lanes = plan.lanes.map((lane) => ({ ...lane, sinceDispatch: 1 }));
  return { lanes, dispatch: 0, progress: tracker.progress() };
}

/** Runs the lanes and the commits side by side. Returns what is left when it must continue as new. */
async function compute(
  tracker: FeatureTracker,
  cursor: FeatureCursor,
): Promise<FeatureCursor | null> {
  let isDone = false;
  const [left] = await runTogether([
    async () => {
      try {
        return await withBatchLiveness(tracker, BATCHES, () => runFeatureLanes(tracker, cursor));
      } finally {
        isDone = true;
      }
    },
    () => commitWhile(tracker, () => !isDone),
  ]);
  return left;
}

async function commitWhile(tracker: FeatureTracker, isRunning: () => boolean): Promise<void> {
  const usual = tracker.input.tuning.commitSeconds * 1_000;
  let pause = Math.min(FIRST_COMMIT_MS, usual);
  for (;;) {
    if (await condition(() => !isRunning(), pause, { summary: 'the next commit' })) return;
    const { applied, lockHeldMs } = await commitNow(tracker, 'commit features');
    const longest = applied === 0 ? LONGEST_MS : usual;
    pause = Math.max(Math.min(pause * GROWTH, longest), lockHeldMs * LOCKED_SHARE);
    // A paused run has nothing to commit, perhaps for days.
    const mayCommit = (): boolean =>
      !isRunning() || !tracker.steering.isPaused || tracker.batches.running > 0;
    if (!mayCommit()) await condition(mayCommit);
  }
}

async function commitNow(
  tracker: FeatureTracker,
  summary: string,
  flushLimits?: FlushLimits,
): Promise<Awaited<ReturnType<ReturnType<typeof warehouseActivities>['commitFeatures']>>> {
  const { warehouseId, runId } = tracker.input;
  const commit = (): ReturnType<ReturnType<typeof warehouseActivities>['commitFeatures']> =>
    warehouseActivities().commitFeatures.executeWithOptions({ summary }, [{ warehouseId, runId }]);
  const result = await tracker.await(COMMIT, commit, flushLimits);
  tracker.applyCommit(result);
  await tracker.report(COMPUTING);
  return result;
}

function publish(tracker: FeatureTracker, summary: string): Promise<unknown> {
  const { warehouseId } = tracker.input;
  return tracker.await({ queue: 'warehouse', activity: 'publishSnapshot' }, () =>
    warehouseActivities().publishSnapshot.executeWithOptions({ summary }, [
      { warehouseId, record: null, materialise: false },
    ]),
  );
}

async function continueWith(tracker: FeatureTracker, cursor: FeatureCursor): Promise<never> {
  await condition(allHandlersFinished);
  const { input, sequence, steering } = tracker;
  return continueAsNew<typeof computeFeatures>({ ...input, sequence, steering, cursor });
}

/** A flush that is blocked is left to the next run, which starts with what the ledgers hold. */
async function flushAfter(error: unknown, tracker: FeatureTracker): Promise<void> {
  const scope = new CancellationScope();
  const giveUp = (): void => {
    scope.cancel();
  };
  const limits = { lateSeconds: FLUSH_LATE_SECONDS, giveUp };
  try {
    await scope.run(() => commitNow(tracker, 'flush: commit what the ledgers hold', limits));
    await tracker.reportToParent('flushed');
  } catch (flushError) {
    log.warn('the flush failed too', { first: String(error), second: String(flushError) });
    await tracker.reportToParent('not everything could be committed');
  }
}
