/**
 * The features of one run: recovery, plan, lanes beside commits, flush, publication. A child of
 * `runPipeline`. It never parks; it fails.
 */
import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import type {
  CommitFeaturesResult,
  PlanFeaturesResult,
} from '../../contract/features/feature-payloads';
import type {
  ComputeFeaturesInput,
  FeatureCursor,
  FeatureProgress,
} from '../../contract/features/feature-workflow';
import { durationText } from '../../contract/quantities';
import { planActivities, warehouseActivities } from '../activity-proxies';
import { FIRST_COMMIT_MS, nextPause } from '../commit-pause';
import { type FlushLimits, FLUSH, besideCommits, withFlush } from '../flushing-child';
import { runFeatureLanes } from './feature-lanes';
import { FeatureTracker } from './feature-tracker';

const BATCHES = { queue: 'features', activity: 'featureBatch' } as const;
const COMMIT = { queue: 'warehouse', activity: 'commitFeatures' } as const;
const COMPUTING = 'computing features';

/**
 * Computes, and returns the run's counts.
 *
 * @throws the failure of the activity that could not do its work; a cancellation when it was
 *   cancelled. It flushes before either.
 */
export async function computeFeatures(input: ComputeFeaturesInput): Promise<FeatureProgress> {
  const tracker = new FeatureTracker(input);
  const work = async (): Promise<FeatureProgress> => {
    const cursor = input.cursor ?? (await begin(tracker));
    const left = await besideCommits(
      tracker,
      BATCHES,
      () => runFeatureLanes(tracker, cursor),
      (isRunning) => commitWhile(tracker, isRunning),
    );
    if (left !== null) await continueWith(tracker, left);
    await commitNow(tracker, FLUSH);
    await publish(tracker, 'publish the features');
    await condition(allHandlersFinished);
    return tracker.progress();
  };
  return withFlush(tracker, work, (limits) => commitNow(tracker, FLUSH, limits));
}

/**
 * Commits what is on disk, then plans from the snapshot: nothing that any ledger has is computed.
 */
async function begin(tracker: FeatureTracker): Promise<FeatureCursor> {
  const { warehouseId, runId, input } = tracker.input;
  await tracker.report('committing what earlier runs left in their ledgers, then planning');
  await tracker.awaitDiagnosed(COMMIT, () =>
    warehouseActivities().commitFeatures.executeWithOptions(
      { activityId: 'recover', summary: 'commit every ledger of features on disk' },
      [{ warehouseId, runId: null }],
    ),
  );
  const { run } = await commitNow(tracker, 'count what this run has computed before');
  await publish(tracker, 'publish the snapshot that planning reads');
  const { select, limit, only, collection } = input;
  const plan = await tracker.awaitDiagnosed({ queue: 'plan', activity: 'planFeatures' }, () =>
    planActivities().planFeatures.executeWithOptions(
      { activityId: 'plan', summary: 'plan whose features to compute' },
      [{ warehouseId, runId, select, limit, only, collection }],
    ),
  );
  tracker.startPlan(plan, run);
  await tracker.report(planText(plan));
  const lanes = plan.lanes.map((lane) => ({ ...lane, sinceDispatch: 1 }));
  return { lanes, dispatch: 0, progress: tracker.progress() };
}

/** For example `400 of 500 stored files to compute, 300 of them because features have changed`. */
function planText({ planned, stored, former = 0, expectedSeconds }: PlanFeaturesResult): string {
  const again = former === 0 ? '' : `, ${former} of them because features have changed`;
  const time =
    planned === 0 || expectedSeconds === undefined
      ? ''
      : `; this takes about ${durationText(expectedSeconds)}`;
  return `${planned} of ${stored} stored files to compute${again}${time}`;
}

async function commitWhile(tracker: FeatureTracker, isRunning: () => boolean): Promise<void> {
  const longest = tracker.input.tuning.commitSeconds * 1_000;
  let pause = Math.min(FIRST_COMMIT_MS, longest);
  for (;;) {
    if (await condition(() => !isRunning(), pause, { summary: 'the next commit' })) return;
    pause = nextPause(pause, longest, await commitNow(tracker, 'commit features'));
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
): Promise<CommitFeaturesResult> {
  const { warehouseId, runId } = tracker.input;
  const result = await tracker.awaitDiagnosed(
    COMMIT,
    () =>
      warehouseActivities().commitFeatures.executeWithOptions({ summary }, [
        { warehouseId, runId },
      ]),
    flushLimits,
  );
  tracker.applyCommit(result);
  await tracker.report(COMPUTING);
  return result;
}

function publish(tracker: FeatureTracker, summary: string): Promise<unknown> {
  const { warehouseId, input } = tracker.input;
  const { steps, collection } = input;
  // The steps that read this publication need it so, and then find it made.
  const materialise = steps.includes('clusters') || steps.includes('aggregates');
  return tracker.awaitDiagnosed({ queue: 'warehouse', activity: 'publishSnapshot' }, () =>
    warehouseActivities().publishSnapshot.executeWithOptions({ summary }, [
      { warehouseId, record: null, materialise, collection },
    ]),
  );
}

async function continueWith(tracker: FeatureTracker, cursor: FeatureCursor): Promise<never> {
  await condition(allHandlersFinished);
  const { input, sequence, steering } = tracker;
  return continueAsNew<typeof computeFeatures>({ ...input, sequence, steering, cursor });
}
