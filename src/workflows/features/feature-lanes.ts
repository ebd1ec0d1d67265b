/**
 * The lanes of features: a limited number of batches at once, those of one lane one after another.
 */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { FeatureBatchResult } from '../../contract/features/feature-payloads';
import type { FeatureCursor, OpenFeatureLane } from '../../contract/features/feature-workflow';
import { featureActivities } from '../activity-proxies';
import { mustContinueAsNew } from '../must-continue-as-new';
import type { FeatureTracker } from './feature-tracker';

/** Batches at once, in all feature workers together. */
const LANES_IN_FLIGHT = 16;

/** Mutable; each workflow execution of the child has one. */
interface FeatureWindow {
  readonly tracker: FeatureTracker;
  readonly ready: OpenFeatureLane[];
  readonly running: Set<OpenFeatureLane>;
  /** All running batches: cancelled for a pause, after which they return their places. */
  batches: CancellationScope;
  dispatch: number;
  changes: number;
  failure: { readonly error: unknown } | null;
}

/**
 * Works through the lanes of `cursor`.
 *
 * @returns null when all lanes are done; a cursor when the child must continue as new.
 */
export async function runFeatureLanes(
  tracker: FeatureTracker,
  cursor: FeatureCursor,
): Promise<FeatureCursor | null> {
  const scope = new CancellationScope();
  const running = new Set<OpenFeatureLane>();
  try {
    return await scope.run(() =>
      runWindow({
        tracker,
        ready: [...cursor.lanes],
        running,
        batches: new CancellationScope(),
        dispatch: cursor.dispatch,
        changes: 0,
        failure: null,
      }),
    );
  } catch (error) {
    scope.cancel();
    // A flush must not run while batches still write their ledgers.
    await CancellationScope.nonCancellable(() => condition(() => running.size === 0));
    throw error;
  }
}

async function runWindow(window: FeatureWindow): Promise<FeatureCursor | null> {
  const { tracker, ready, running } = window;
  const { tuning } = tracker.input;
  for (;;) {
    const { isPaused } = tracker.steering;
    const isDraining = mustContinueAsNew(tuning);
    if (isPaused && running.size > 0) {
      window.batches.cancel();
      window.batches = new CancellationScope();
    }
    if (!isPaused && !isDraining) startBatches(window);
    if (window.failure !== null) throw window.failure.error;
    if (running.size === 0) {
      if (ready.length === 0) return null;
      if (isDraining)
        return { lanes: [...ready], dispatch: window.dispatch, progress: tracker.progress() };
    }
    const known = window.changes;
    await condition(
      () =>
        window.changes !== known ||
        tracker.steering.isPaused !== isPaused ||
        (running.size === 0 && mustContinueAsNew(tuning)),
    );
  }
}

function startBatches(window: FeatureWindow): void {
  while (window.running.size < LANES_IN_FLIGHT) {
    const lane = window.ready.shift();
    if (lane === undefined) return;
    window.dispatch += 1;
    startBatch(window, lane, window.dispatch);
  }
}

function startBatch(window: FeatureWindow, lane: OpenFeatureLane, dispatch: number): void {
  window.running.add(lane);
  window.tracker.batches.begin(lane.lane);
  void workOn(window, lane, dispatch);
}

/**
 * Runs a batch, and puts its lane where it belongs. Nothing is awaited between that and the end of
 * the batch: the lane's next batch must not be taken for ended.
 */
async function workOn(
  window: FeatureWindow,
  lane: OpenFeatureLane,
  dispatch: number,
): Promise<void> {
  const { tracker, ready, running, batches } = window;
  try {
    const { place } = await batches.run(() => runBatch(tracker, lane, dispatch));
    // Every entry before the place has a line, and none behind it.
    if (place !== null) ready.unshift({ ...lane, place, sinceDispatch: dispatch + 1 });
  } catch (error) {
    // Cancelled for a pause before it could return its place: its ledger is read again.
    if (isCancellation(error) && batches.consideredCancelled) ready.unshift(lane);
    else window.failure ??= { error };
  }
  running.delete(lane);
  tracker.batches.end(lane.lane);
  tracker.clearObstacle('features');
  window.changes += 1;
}

function runBatch(
  { input }: FeatureTracker,
  { lane, place, entries, sinceDispatch }: OpenFeatureLane,
  dispatch: number,
): Promise<FeatureBatchResult> {
  const { warehouseId, runId, tuning } = input;
  return featureActivities().featureBatch.executeWithOptions(
    { activityId: `${lane}.${dispatch}`, summary: `features of ${lane} (${entries} files)` },
    [
      {
        warehouseId,
        runId,
        lane,
        place,
        dispatch,
        sinceDispatch,
        timeBoxSeconds: tuning.batchSeconds,
      },
    ],
  );
}
