/** What the parent gives its download child, what the child tells, and what it carries over when it continues as new. */
import type { ImageCode } from './outcome';
import type { Obstacle } from './obstacle';
import type { HostMemories, HostPause, Lane, LanePlace, Tuning } from './payloads';
import type { RunRef } from './run-ref';
import type { RunCounts } from './run-record';
import type { HostBudget, ResolvedInput } from './run-input';

/** By the server's clock. **Shape** `until` ISO 8601 UTC. */
export interface LanePause extends Pick<HostPause, 'host' | 'code' | 'why'> {
  readonly until: string;
}

/** A lane whose batches are not all done. `hosts` and `tried` as its last batch told them, at `toldAt` (ISO 8601 UTC; null: none yet). */
export interface OpenLane {
  readonly lane: Lane;
  readonly place: LanePlace;
  /** The first batch of the lane whose ledgers may settle entries beyond the place, and up to which entry they may. */
  readonly previousDispatch: number;
  readonly readTo: number;
  readonly pause: LanePause | null;
  readonly hosts: HostMemories;
  readonly hostsFile?: string;
  readonly tried: Readonly<Record<string, number>>;
  readonly toldAt: string | null;
}

/**
 * Lanes with a batch in flight: 1.5 to 2 times the slots of a download worker. Planning goes by it, too: more lanes with one
 * slow host each would wait for one another.
 */
export const LANES_IN_FLIGHT = 32;

/**
 * Of the lanes that a run of the child has read from the plan and not done with, at most so many are paused or wait for their
 * turn when it reads on: they go along, in one payload, when it continues as new.
 */
export const MOST_OPEN_LANES = 1_000;

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

/** What operators want of a run's downloads: the whole of it each time, so that the last one holds. */
export interface DownloadSteering {
  /** In-flight images finish, no new ones start. */
  readonly isPaused: boolean;
  /** Given since the run began; they win over the input's `hosts`. Keys `default`, `name` or `name:port`. */
  readonly hosts: Readonly<Record<string, HostBudget>>;
}

export interface DownloadImagesInput extends RunRef {
  readonly workflowId: string;
  readonly startedAt: string;
  readonly input: ResolvedInput;
  readonly tuning: Tuning;
  /** Progress records of this child come after it. */
  readonly sequence: number;
  readonly steering: DownloadSteering;
  /** null in the child's first run. */
  readonly cursor: DownloadCursor | null;
}

/** A host that is waited for. `until` ISO 8601 UTC. */
export type HostWait = LanePause;

/** A host that is asked for less than its budget, because it was too much for it. **Units** requests per second. */
export interface SlowedHost {
  readonly host: string;
  readonly rate: number;
}

/** Sent to the parent now and then, and with the result. **Units** images, bytes. */
export interface DownloadProgress {
  readonly state: 'running' | 'waiting' | 'paused' | 'cancelling';
  /** In words, for people. */
  readonly words: string;
  /** In the way of a write of the child's; null when none is late. */
  readonly obstacle: Obstacle | null;
  readonly counts: RunCounts;
  readonly codes: Readonly<Partial<Record<ImageCode, number>>>;
  /** The child's last record of progress: the parent's next one comes after it. */
  readonly sequence: number;
  /** Hosts that wait: those that wait longest, and how many more there are. */
  readonly waits: { readonly longest: readonly HostWait[]; readonly more: number };
  /** None of several hosts can be reached, and no other one answers. */
  readonly isNetworkGone: boolean;
  readonly slowed: readonly SlowedHost[];
  /** `at` ISO 8601 UTC; null before the first. **Units** outcomes that it applied. */
  readonly lastCommit: { readonly at: string; readonly outcomes: number } | null;
}

export type DownloadImagesResult = DownloadProgress;
