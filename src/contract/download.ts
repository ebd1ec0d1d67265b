/** What the parent gives its download child, what the child tells, and what it carries over when it continues as new. */
import type { ImageCode } from './outcome';
import type { Obstacle } from './obstacle';
import type { HostPause, Lane, LanePlace, RunRef, Tuning } from './payloads';
import type { RunCounts } from './run-record';
import type { ResolvedInput } from './run-input';

/** A lane whose batches are not all done. `waits` counts Retry-After waits of a host without a good answer between. */
export interface OpenLane {
  readonly lane: Lane;
  readonly place: LanePlace;
  readonly previousDispatch: number;
  readonly pause: HostPause | null;
  readonly waits: Readonly<Record<string, number>>;
}

/** How far a download is: what the next run of the same child goes on from. */
export interface DownloadCursor {
  readonly planned: number;
  readonly pages: number;
  /** The next index page to read. */
  readonly page: number;
  /** Lanes read from the plan that have not ended, paused ones included. */
  readonly lanes: readonly OpenLane[];
  readonly dispatch: number;
  readonly progress: DownloadProgress;
}

export interface DownloadImagesInput extends RunRef {
  readonly workflowId: string;
  readonly startedAt: string;
  readonly input: ResolvedInput;
  readonly tuning: Tuning;
  readonly searchAttributes: readonly string[];
  /** Progress records of this child start after it; see {@link PROGRESS_SEQUENCE_STRIDE}. */
  readonly sequence: number;
  /** null in the child's first run. */
  readonly cursor: DownloadCursor | null;
}

/** A host that asked for patience. `until` ISO 8601 UTC. */
export interface HostWait {
  readonly host: string;
  readonly until: string;
}

/** Sent to the parent now and then, and with the result. **Units** images, bytes. */
export interface DownloadProgress {
  readonly state: 'running' | 'waiting';
  /** In words, for people. */
  readonly words: string;
  /** In the way of a write of the child's; null when none is late. */
  readonly obstacle: Obstacle | null;
  readonly counts: RunCounts;
  readonly codes: Readonly<Partial<Record<ImageCode, number>>>;
  /** Hosts that wait: those that wait longest, and how many more there are. */
  readonly waits: { readonly longest: readonly HostWait[]; readonly more: number };
  /** `at` ISO 8601 UTC; null before the first. **Units** outcomes that it applied. */
  readonly lastCommit: { readonly at: string; readonly outcomes: number } | null;
}

export type DownloadImagesResult = DownloadProgress;

/** The parent writes multiples of it, a child the numbers between: one order without a shared counter. */
export const PROGRESS_SEQUENCE_STRIDE = 1_000_000;
