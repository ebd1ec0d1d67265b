/**
 * The window of lanes, and what happens to a lane whose batch has returned: it continues at once,
 * or pauses for a host.
 */
import { sleep } from '@temporalio/workflow';
import type { LanePause, OpenLane } from '../../contract/download-workflow';
import { cut } from '../../contract/markdown';
import type { DownloadBatchInput, DownloadBatchResult, Lane } from '../../contract/payloads';
import { withTimePassed } from '../../contract/hosts/saved-host-state';
import type { DownloadTracker } from './download-tracker';
import { hostName, reasonText } from '../reporting/host-text';

/**
 * The most bytes that our summaries use. A summary holds 400 bytes.
 *
 * @see Temporal's limit.userMetadataSummarySize
 */
export const SUMMARY_BYTES = 300;

/** Mutable; each workflow execution of the child has one. */
export interface LaneWindow {
  readonly tracker: DownloadTracker;
  readonly ready: OpenLane[];
  /** Lanes with a running batch, by name. */
  readonly running: Map<string, OpenLane>;
  readonly paused: Set<OpenLane>;
  readonly pages: number;
  page: number;
  dispatch: number;
  changes: number;
  failure: { readonly error: unknown } | null;
}

/** A lane of the plan of which nothing has been done yet. */
export function openLane(lane: Lane): OpenLane {
  return {
    lane,
    place: { offset: 0, entry: 0 },
    previousDispatch: 0,
    readTo: 0,
    pause: null,
    hosts: {},
    tried: {},
    toldAt: null,
  };
}

/** What the lane's next batch learns about its hosts, whose waits have continued meanwhile. */
export function hostsNow({
  hosts,
  hostsFile,
  toldAt,
}: OpenLane): Pick<DownloadBatchInput, 'hosts' | 'hostsFile' | 'hostsFileAgeMs'> {
  const passedMs = toldAt === null ? 0 : Date.now() - Date.parse(toldAt);
  const now = Object.entries(hosts).map(
    ([host, memory]) => [host, withTimePassed(memory, passedMs)] as const,
  );
  return {
    hosts: Object.fromEntries(now),
    ...(hostsFile === undefined ? {} : { hostsFile, hostsFileAgeMs: passedMs }),
  };
}

/** Puts the lane into the list where it belongs now. A lane that is done is in no list any more. */
export function takeResult(window: LaneWindow, open: OpenLane, result: DownloadBatchResult): void {
  const { place, pause: asked, hosts, hostsFile, tried } = result;
  window.tracker.hosts.setHosts(open.lane.lane, hosts);
  window.tracker.hosts.addRefused(result.refused ?? []);
  if (place === null) return;
  const { hostsFile: _former, ...rest } = open;
  const lane = {
    ...rest,
    place,
    hosts,
    ...(hostsFile === undefined ? {} : { hostsFile }),
    tried,
    toldAt: new Date().toISOString(),
    pause: null,
  };
  if (asked === null) {
    window.ready.unshift(lane);
    return;
  }
  const { waitMs, ...pause } = asked;
  const until = new Date(Date.now() + waitMs).toISOString();
  pauseLane(window, lane, { ...pause, until });
}

/** Pauses a lane with a durable timer, so that the pause survives a restart of everything. */
export function pauseLane(window: LaneWindow, open: OpenLane, pause: LanePause): void {
  const { tracker, paused, ready } = window;
  const lane = { ...open, pause };
  paused.add(lane);
  tracker.hosts.pause(open.lane.lane, pause);
  tracker.reportHostChange();
  void sleep(Math.max(1, Date.parse(pause.until) - Date.now()), {
    summary: cut(
      `${hostName(pause.host)} ${reasonText(pause)}: asked again after this`,
      SUMMARY_BYTES,
    ),
  })
    .then(() => {
      paused.delete(lane);
      tracker.hosts.resume(open.lane.lane);
      ready.push({ ...lane, pause: null });
      window.changes += 1;
    })
    // The timer is cancelled with everything else, and the window's own wait reports that.
    .catch(() => undefined);
}
