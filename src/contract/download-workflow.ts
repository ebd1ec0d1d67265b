/**
 * The input of the download child, the progress that it reports to its parent, and the state that
 * it carries over when it continues as new.
 */
import type { ImageCode } from './outcome';
import type { Obstacle } from './obstacle';
import type { HostPause, Lane, LanePlace, Tuning } from './payloads';
import type { CommandPlace } from './commands/printed-command';
import type { SavedHostStates } from './hosts/saved-host-state';
import type { RunRef } from './run-ref';
import type { RefusedHost, RunCounts, UnknownIds } from './run-record';
import type { HostBudget, ResolvedInput } from './run-input';

/** A pause of a lane. `until` is ISO 8601 UTC by the server's clock. */
export interface LanePause extends Pick<HostPause, 'host' | 'code' | 'why' | 'detail'> {
  readonly until: string;
}

/**
 * A lane whose batches are not all done. `hosts` and `tried` are what its last batch returned, at
 * `toldAt` (ISO 8601 UTC; null before the first batch).
 */
export interface OpenLane {
  readonly lane: Lane;
  readonly place: LanePlace;
  /**
   * The first batch of the lane whose ledgers may contain outcomes of entries beyond the lane's
   * place, and the last entry of which they may contain one.
   */
  readonly previousDispatch: number;
  readonly readTo: number;
  readonly pause: LanePause | null;
  readonly hosts: SavedHostStates;
  readonly hostsFile?: string;
  readonly tried: Readonly<Record<string, number>>;
  readonly toldAt: string | null;
}

/**
 * The number of lanes that have a running batch: 1.5 to 2 times the slots of a download worker.
 * Planning uses it too, because more lanes with one slow host each would wait for each other.
 */
export const LANES_IN_FLIGHT = 32;

/**
 * The most open lanes, paused or ready, with which the child reads more lanes from the plan. All
 * open lanes go into one payload when it continues as new.
 */
export const MOST_OPEN_LANES = 1_000;

/** How far a download is. The next execution of the same child continues from here. */
export interface DownloadCursor {
  readonly planned: number;
  readonly pages: number;
  /** The next index page to read. */
  readonly page: number;
  /** Lanes that were read from the plan and have not ended, including paused ones. */
  readonly lanes: readonly OpenLane[];
  readonly dispatch: number;
  readonly progress: DownloadProgress;
}

/**
 * What operators want from the downloads of a run. Each signal carries all of it, so the last one
 * counts.
 */
export interface DownloadSteering {
  /** Running images finish, and no new ones start. */
  readonly isPaused: boolean;
  /**
   * The budgets that operators set since the run began, which take precedence over the input's
   * `hosts`. Keys are `default`, `name` or `name:port`.
   */
  readonly hosts: Readonly<Record<string, HostBudget>>;
}

export interface DownloadImagesInput extends RunRef {
  readonly workflowId: string;
  readonly startedAt: string;
  readonly input: ResolvedInput;
  readonly tuning: Tuning;
  /** As in `OpenRunResult`. */
  readonly place?: CommandPlace;
  /**
   * The number of the last progress record before this child. Its own records get higher numbers.
   */
  readonly sequence: number;
  readonly steering: DownloadSteering;
  /** Null in the child's first execution. */
  readonly cursor: DownloadCursor | null;
}

/** A host that the downloads wait for, until `until` (ISO 8601 UTC). */
export type HostWait = LanePause;

/**
 * A host that gets fewer requests than its budget allows, because it could not handle more. `rate`
 * is in requests per second.
 */
export interface SlowedHost {
  readonly host: string;
  readonly rate: number;
}

/**
 * The progress of the downloads, sent to the parent from time to time and returned as the result.
 * Counts are numbers of images and of bytes.
 */
export interface DownloadProgress {
  readonly state: 'running' | 'waiting' | 'paused' | 'cancelling';
  /** A text for users. */
  readonly words: string;
  /** The obstacle that delays the child's writes; null when no write is late. */
  readonly obstacle: Obstacle | null;
  readonly counts: RunCounts;
  readonly codes: Readonly<Partial<Record<ImageCode, number>>>;
  /** The number of the child's last progress record. The parent's next record gets a higher one. */
  readonly sequence: number;
  /** The waiting hosts that wait longest, and the number of the others. */
  readonly waits: { readonly longest: readonly HostWait[]; readonly more: number };
  /** True when none of several hosts can be reached, and no other one answers. */
  readonly isNetworkGone: boolean;
  readonly slowed: readonly SlowedHost[];
  /** Hosts that were given up because they refused everything; absent when there are none. */
  readonly refused?: readonly RefusedHost[];
  /** Ids of `only` that were not found; absent when all were. */
  readonly unknownIds?: UnknownIds;
  /**
   * The last commit: when (ISO 8601 UTC), and how many outcomes it applied; null before the first.
   */
  readonly lastCommit: { readonly at: string; readonly outcomes: number } | null;
}

export type DownloadImagesResult = DownloadProgress;
