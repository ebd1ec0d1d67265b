/**
 * The window of lanes: a limited number of batches at once, the batches of one lane one after
 * another, and paused lanes outside the window.
 */
import { CancellationScope, condition } from '@temporalio/workflow';
import {
  LANES_IN_FLIGHT,
  MOST_OPEN_LANES,
  type DownloadCursor,
  type OpenLane,
} from '../../contract/download-workflow';
import { cut } from '../../contract/markdown';
import type { DownloadBatchResult } from '../../contract/payloads';
import { downloadActivities, recordActivities } from '../activity-proxies';
import type { DownloadTracker } from './download-tracker';
import { laneBudget, type LaneBudget } from './lane-budget';
import { ledgersBeyond } from './ledgers-beyond';
import {
  SUMMARY_BYTES,
  hostsNow,
  openLane,
  pauseLane,
  takeResult,
  type LaneWindow,
} from './lane-window';
import { drainBatches } from './drain-batches';
import { mustContinueAsNew } from '../must-continue-as-new';

/**
 * Works through the plan from `cursor`.
 *
 * @returns null when all lanes are done; a cursor when the history is so long that the child must
 *   continue as new. No activity is running then, and the cursor contains the pauses.
 */
export async function scheduleLanes(
  tracker: DownloadTracker,
  cursor: DownloadCursor,
): Promise<DownloadCursor | null> {
  const scope = new CancellationScope();
  const running = new Map<string, OpenLane>();
  try {
    return await scope.run(() => runWindow(openWindow(tracker, cursor, running), cursor));
  } catch (error) {
    scope.cancel();
    // A flush must not run while batches still write their ledgers.
    await CancellationScope.nonCancellable(() => condition(() => running.size === 0));
    throw error;
  }
}

async function runWindow(
  window: LaneWindow,
  cursor: DownloadCursor,
): Promise<DownloadCursor | null> {
  const { tracker } = window;
  let steering = tracker.input.steering;
  for (;;) {
    if (steering !== tracker.steering) await drainBatches(tracker, window.dispatch);
    steering = tracker.steering;
    const isDraining = mustContinueAsNew(tracker.input.tuning);
    if (!isDraining && !steering.isPaused) await startBatches(window);
    // Before concluding anything from an empty window: a lane whose batch failed is in no list.
    if (window.failure !== null) throw window.failure.error;
    if (window.running.size === 0) {
      if (isDraining) return windowCursor(window, cursor);
      if (isDone(window)) return null;
    }
    const knownChanges = window.changes;
    await condition(
      () =>
        window.changes !== knownChanges ||
        steering !== tracker.steering ||
        (window.running.size === 0 && mustContinueAsNew(tracker.input.tuning)),
    );
  }
}

function isDone({ page, pages, paused, ready }: LaneWindow): boolean {
  return page >= pages && paused.size === 0 && ready.length === 0;
}

function openWindow(
  tracker: DownloadTracker,
  cursor: DownloadCursor,
  running: LaneWindow['running'],
): LaneWindow {
  const { pages, page, dispatch } = cursor;
  const window: LaneWindow = {
    tracker,
    ready: [],
    running,
    paused: new Set<OpenLane>(),
    pages,
    page,
    dispatch,
    changes: 0,
    failure: null,
  };
  for (const lane of cursor.lanes) {
    tracker.hosts.setHosts(lane.lane.lane, lane.hosts);
    if (lane.pause === null) window.ready.push(lane);
    else pauseLane(window, lane, lane.pause);
  }
  return window;
}

async function startBatches(window: LaneWindow): Promise<void> {
  while (window.running.size < LANES_IN_FLIGHT && !window.tracker.steering.isPaused) {
    const lane = nextReady(window) ?? (await nextFromPlan(window));
    if (lane === undefined) return;
    startBatch(window, lane);
  }
}

/**
 * Takes the first lane that may start. A host whose budget was lowered under way may have more
 * lanes than connections.
 */
function nextReady(window: LaneWindow): OpenLane | undefined {
  const index = window.ready.findIndex((lane) => mayStart(window, lane));
  return index < 0 ? undefined : window.ready.splice(index, 1)[0];
}

function mayStart({ tracker, running }: LaneWindow, open: OpenLane): boolean {
  const { mostLanes } = currentBudget(tracker, open);
  const [host] = open.lane.hosts;
  if (open.lane.lanesOfHost === undefined) return true;
  const runningBeside = [...running.values()].filter(({ lane }) => lane.hosts[0] === host);
  return runningBeside.length < mostLanes;
}

function currentBudget({ input, steering }: DownloadTracker, { lane }: OpenLane): LaneBudget {
  return laneBudget(lane, input.input.hosts, steering.hosts);
}

async function nextFromPlan(window: LaneWindow): Promise<OpenLane | undefined> {
  const openLanes = window.ready.length + window.paused.size;
  if (window.page >= window.pages || openLanes >= MOST_OPEN_LANES) return undefined;
  const { warehouseId, runId } = window.tracker.input;
  const { page } = window;
  const { lanes } = await window.tracker.ask(() =>
    recordActivities().readPlanPage.executeWithOptions(
      { summary: `read page ${page + 1} of ${window.pages} of the plan` },
      [{ warehouseId, runId, page }],
    ),
  );
  window.page += 1;
  window.ready.push(...lanes.map(openLane));
  return nextReady(window) ?? nextFromPlan(window);
}

function startBatch(window: LaneWindow, lane: OpenLane): void {
  window.dispatch += 1;
  window.running.set(lane.lane.lane, lane);
  window.tracker.batches.begin(lane.lane.lane);
  void workOn(window, lane, window.dispatch);
}

/**
 * Runs a batch, and puts its lane where it belongs. Nothing is awaited between that and the end of
 * the batch: the window may start the lane's next batch as soon as the lane is ready, and that one
 * must not be taken for ended.
 */
async function workOn(window: LaneWindow, lane: OpenLane, dispatch: number): Promise<void> {
  try {
    const result = await runBatch(window, lane, dispatch);
    takeResult(window, { ...lane, ...ledgersBeyond(lane, dispatch, result) }, result);
  } catch (error) {
    window.failure ??= { error };
  }
  window.running.delete(lane.lane.lane);
  window.tracker.endBatch(lane.lane.lane);
  window.changes += 1;
}

function runBatch(
  window: LaneWindow,
  open: OpenLane,
  dispatch: number,
): Promise<DownloadBatchResult> {
  const { warehouseId, runId, input, tuning } = window.tracker.input;
  const { lane, hosts, entries } = open.lane;
  const { budgets, sharedBy } = currentBudget(window.tracker, open);
  const from = open.place.entry;
  return downloadActivities().downloadBatch.executeWithOptions(
    {
      activityId: `${lane}.${dispatch}`,
      summary: `${cut(hosts.join(', '), SUMMARY_BYTES)} from ${from} of ${entries}`,
    },
    [
      {
        warehouseId,
        runId,
        lane,
        dispatch,
        budgets,
        ...(sharedBy === undefined ? {} : { sharedBy }),
        ...(hosts.length === 1 ? { onlyHost: hosts[0] } : {}),
        place: open.place,
        previousDispatch: open.previousDispatch,
        verify: input.verify,
        ...(input.keep === undefined ? {} : { keep: input.keep }),
        limits: input.limits,
        ...hostsNow(open),
        tried: open.tried,
        timeBoxSeconds: tuning.batchSeconds,
      },
    ],
  );
}

function windowCursor(window: LaneWindow, before: DownloadCursor): DownloadCursor {
  const { page, pages, dispatch, tracker } = window;
  return {
    planned: before.planned,
    pages,
    page,
    dispatch,
    lanes: [...window.ready, ...window.paused],
    progress: tracker.progress('running', 'continued as new'),
  };
}
