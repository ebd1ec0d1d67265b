/** What becomes of a lane whose batch has returned: it goes on at once, or is paused for a host. */
import { sleep } from '@temporalio/workflow';
import type { OpenLane } from '../contract/download';
import { cut } from '../contract/markdown';
import type { DownloadBatchResult } from '../contract/payloads';
import type { DownloadBoard } from './download-board';

/** A summary holds 400 bytes. **Source** Temporal, limit.userMetadataSummarySize. */
export const SUMMARY_BYTES = 300;

/** Waits of a host without a good answer between, after which its remaining images fail. */
const WAITS_IN_VAIN = 3;

/** Mutable, one a run of the child. */
export interface Window {
  readonly board: DownloadBoard;
  readonly ready: OpenLane[];
  /** Lanes with a batch in flight, by name. */
  readonly running: Map<string, OpenLane>;
  readonly paused: Set<OpenLane>;
  readonly pages: number;
  page: number;
  dispatch: number;
  changes: number;
  failure: { readonly error: unknown } | null;
}

/** With the code that their remaining images fail with. */
export function exhaustedHosts(open: OpenLane): Record<string, 'http_429' | 'http_503'> {
  const code = open.pause?.code ?? 'http_429';
  const hosts = Object.entries(open.waits).filter(([, waits]) => waits >= WAITS_IN_VAIN);
  return Object.fromEntries(hosts.map(([host]) => [host, code]));
}

/** Puts the lane where it belongs now; one that is done is in no list any more. */
export function takeResult(window: Window, open: OpenLane, result: DownloadBatchResult): void {
  const { place, pause: asked } = result;
  if (place === null) return;
  if (asked === null) {
    window.ready.unshift({ ...open, place, pause: null });
    return;
  }
  const until = new Date(Date.now() + asked.waitMs).toISOString();
  const pause = { host: asked.host, code: asked.code, until };
  // A stored image between two waits is the good answer that starts the count anew.
  const before = result.stored > 0 ? 0 : (open.waits[pause.host] ?? 0);
  const waits = { ...open.waits, [pause.host]: before + 1 };
  const lane = { ...open, place, pause, waits };
  if (before + 1 >= WAITS_IN_VAIN) window.ready.unshift(lane);
  else pauseLane(window, lane, until);
}

/** A durable timer: the pause holds over a restart of everything. */
export function pauseLane(window: Window, lane: OpenLane, until: string): void {
  const host = lane.pause?.host ?? '';
  window.paused.add(lane);
  window.board.waiting.set(host, until);
  void sleep(Math.max(1, Date.parse(until) - Date.now()), {
    summary: cut(`${host} asked us to wait`, SUMMARY_BYTES),
  })
    .then(() => {
      window.paused.delete(lane);
      window.board.waiting.delete(host);
      window.ready.push(lane);
      window.changes += 1;
    })
    // Cancelled with everything else: the window's own wait reports it.
    .catch(() => undefined);
}
