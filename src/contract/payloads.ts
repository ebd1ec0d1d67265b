/**
 * What activities take and return: one readonly object in, one out, plain JSON.
 * Payloads carry references (paths relative to the data root, counts, digests), never lists of URLs.
 */
import type { RejectGroup } from './catalog-counts';
import type { FileLimits, HostBudget, ResolvedInput, Select, Verify } from './run-input';
import type {
  CollectionCounts,
  ProgressFile,
  RunCounts,
  RunState,
  StepRecord,
  Summary,
} from './run-record';
import type { Obstacle } from './obstacle';
import type { ImageCode } from './outcome';
import type { RunRef } from './run-ref';

/** A run as the warehouse records it (`etl_run`, `etl_step`). */
export interface RunRecord {
  readonly runId: string;
  readonly workflowId: string;
  readonly state: RunState;
  readonly code: string | null;
  readonly detail: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly steps: readonly StepRecord[];
}

// ---- queue: plan -------------------------------------------------------------------------------

export interface OpenRunInput {
  readonly runId: string;
  readonly workflowId: string;
  readonly startedAt: string;
  /** As the user gave it: anything. */
  readonly input: unknown;
}
export interface OpenRunResult {
  readonly warehouseId: string;
  readonly input: ResolvedInput;
  /** Which of our search attributes the server knows; the others must not be upserted. */
  readonly searchAttributes: readonly string[];
  readonly tuning: Tuning;
}
/** How finely a run is cut; from the plan worker's configuration, because workflows cannot read it. */
export interface Tuning {
  /** A batch returns its place after so many seconds. */
  readonly batchSeconds: number;
  /** The download child continues as new after so many history events, or when the server suggests it. */
  readonly historyEvents: number;
  /** Seconds between commits while downloading; more where they would lock the warehouse for more than 1 % of the time. */
  readonly commitSeconds: number;
  /** A write of the warehouse that takes longer is late: what is in its way is found out and shown. */
  readonly lateSeconds: number;
  /** How long a step waits while another program has the warehouse open, before it fails with `db_locked`. */
  readonly lockPatienceSeconds: number;
}

export interface ParseCatalogInput extends RunRef {
  readonly input: ResolvedInput;
}
/**
 * **Shape** `parquet` and `rejects` are paths relative to the data root: the accepted rows
 * (`source_image_id`, `record`, `thumb_url`, then every catalog column as text) and the refused ones.
 * **Units** counts of catalog rows; `images` = rows in `parquet`.
 */
export interface ParseCatalogResult {
  readonly parquet: string;
  readonly rejects: string;
  readonly rows: number;
  readonly images: number;
  readonly noUrl: number;
  readonly rejected: number;
  readonly duplicates: number;
  /** Absent: from a program that did not count them by code. */
  readonly rejectGroups?: readonly RejectGroup[];
  readonly catalog: { readonly path: string; readonly bytes: number; readonly sha256: string };
}

export interface PlanDownloadsInput extends RunRef {
  readonly select: Select;
  readonly limit: number | null;
  readonly only: string | null;
  readonly hosts: Readonly<Record<string, HostBudget>>;
}
/**
 * Planned images that are downloaded batch by batch. `entries` counts distinct URLs. The schema is in `plan/schema.ts`, and the
 * compiler checks that it is the same.
 */
export interface Lane {
  readonly lane: string;
  /** The lane's host, or a few of its hosts when it is mixed; for people. */
  readonly hosts: readonly string[];
  readonly images: number;
  readonly entries: number;
  /** Budgets by host key for the hosts of this lane, plus `default`: the lane's share of them. */
  readonly budgets: Readonly<Record<string, HostBudget>>;
  /** How many lanes the lane's only host has, where it has more than one. */
  readonly lanesOfHost?: number;
}
export interface PlanDownloadsResult {
  readonly planned: number;
  /** Images that the run has settled before this plan, and that are not in it: it was reset, or its step is retried. */
  readonly settled: number;
  readonly lanes: number;
  /** Number of index pages; page `n` (from 0) is read by `readPlanPage`. */
  readonly pages: number;
}
export interface ReadPlanPageInput extends RunRef {
  readonly page: number;
}
export interface ReadPlanPageResult {
  readonly lanes: readonly Lane[];
}

export interface AwaitLeaseInput extends RunRef {
  /** The id of the child that asks (`<workflow id>-download`). */
  readonly childWorkflowId: string;
  /** The run that people were told is waited for; null at first. */
  readonly knownHolder: string | null;
}
/** **Shape** both null: the lease is taken. Otherwise the run that has it, and what people are to be told of it. */
export interface AwaitLeaseResult {
  readonly holder: string | null;
  readonly obstacle: Obstacle | null;
}

export interface RecordProgressInput extends RunRef {
  readonly progress: ProgressFile;
}
export interface RecallBatchesInput extends RunRef {
  /** Batches up to this one hand their place back as soon as their images in flight are done. */
  readonly throughDispatch: number;
}
export interface CloseRunInput extends RunRef {
  /** Which life of the run ends. */
  readonly life: string;
  readonly summary: Omit<Summary, 'v'>;
}

// ---- queue: download ---------------------------------------------------------------------------

/** Where in a lane a batch goes on. **Units** `offset` bytes into the lane's plan file, `entry` entries before it. */
export interface LanePlace {
  readonly offset: number;
  readonly entry: number;
}
export interface DownloadBatchInput extends RunRef {
  readonly lane: string;
  readonly place: LanePlace;
  /** The workflow's counter of batches (from 1), and the first of this lane's whose ledgers may settle something beyond the place (0: none). */
  readonly dispatch: number;
  readonly previousDispatch: number;
  readonly verify: Verify;
  readonly limits: Partial<FileLimits>;
  readonly budgets: Readonly<Record<string, HostBudget>>;
  /** So many lanes share the budgets evenly, below the worker's caps; absent: they are this lane's own. */
  readonly sharedBy?: number;
  /** The lane's only host; absent: it has several. */
  readonly onlyHost?: string;
  /** What earlier batches of the lane learned of its hosts; absent: nothing. */
  readonly hosts?: HostMemories;
  /** The file with all of it, relative to the data root, where `hosts` has only the most important ones. */
  readonly hostsFile?: string;
  /** How long ago that file was written. **Units** ms. */
  readonly hostsFileAgeMs?: number;
  /** Tries that the first entries from the place on have used up in earlier batches, by entry. */
  readonly tried?: Readonly<Record<string, number>>;
  /** The batch returns its place after so long. */
  readonly timeBoxSeconds: number;
}
/** A host that asked for patience (Retry-After). **Units** `waitMs` ms, what is left of it; `waits` in a row without a good answer. */
export interface AskedMemory {
  readonly code: 'http_429' | 'http_503';
  readonly waits: number;
  readonly waitMs: number;
}
/** A host that only fails. **Units** `pauses` of its lane in a row; `failing` images since its last answer; `waitMs` ms yet. */
export interface OutageMemory {
  readonly code: ImageCode;
  readonly pauses: number;
  readonly failing: number;
  readonly waitMs: number;
  /** Waited for in vain: its remaining images of the run fail without a request. */
  readonly isExhausted: boolean;
}
/** What a lane's batches hand on of a host. **Units** `rate` requests per second, where it is below the budget. */
export interface HostMemory {
  /** It has answered in this run. */
  readonly answered?: boolean;
  readonly rate?: number;
  readonly asked?: AskedMemory;
  readonly outage?: OutageMemory;
}
/** By host; {@link NETWORK} for all of them. */
export type HostMemories = Readonly<Record<string, HostMemory>>;
/** No name of a host: the network, when several hosts of a lane cannot be reached at once. */
export const NETWORK = '*';
/**
 * A host that the lane waits for, from now on: a time of day would be this worker's, and its clock may be wrong.
 * **Units** ms. `why`: it asked for it (Retry-After), it only fails, or nothing can be reached ({@link NETWORK}).
 */
export interface HostPause {
  readonly host: string;
  readonly waitMs: number;
  readonly code: ImageCode;
  readonly why: 'asked' | 'outage' | 'network';
}
export interface DownloadBatchResult {
  /** Where the lane's next batch starts; null: the lane is done. */
  readonly place: LanePlace | null;
  /** What is left of the lane waits for hosts: the one that may be asked again first. */
  readonly pause: HostPause | null;
  readonly hosts: HostMemories;
  /** The file with all of it where `hosts` has only the most important ones, as {@link DownloadBatchInput.hostsFile}. */
  readonly hostsFile?: string;
  readonly tried: Readonly<Record<string, number>>;
  /** Entries before it may be settled, in this batch's ledgers or in those that it read; beyond it none is. */
  readonly readTo: number;
  readonly stored: number;
  readonly failed: number;
}

// ---- queue: warehouse --------------------------------------------------------------------------

export interface MergeCatalogInput extends RunRef {
  readonly parquet: string;
  readonly rejects: string;
  readonly maxRemoved: number;
  readonly record: RunRecord;
}
/** **Units** images. Idempotent: a second merge of the same catalog changes nothing. */
export interface MergeCatalogResult {
  readonly added: number;
  readonly removed: number;
  readonly returned: number;
  readonly urlChanged: number;
  /** How long the warehouse file was open: of a large catalog, for the swap of the file alone. */
  readonly lockHeldMs: number;
}
export interface CommitLedgersInput {
  readonly warehouseId: string;
  /** Only this run's ledgers; null: every run's on disk (recovery). */
  readonly runId: string | null;
  /** Since when a commit before this one waited for another program (ISO 8601 UTC): the patience goes on. */
  readonly lockedSince?: string | null;
}
/** **Units** ledger lines applied by this call; `run` and `codes` count the run's outcomes in the warehouse (null in recovery). */
export interface CommitLedgersResult {
  readonly applied: number;
  readonly ledgers: number;
  readonly run: RunCounts | null;
  readonly codes: Readonly<Partial<Record<ImageCode, number>>>;
  /** How long the warehouse file was open. */
  readonly lockHeldMs: number;
}
export interface PublishSnapshotInput {
  readonly warehouseId: string;
  /** Written to `etl_run`/`etl_step` first; null: leave them. */
  readonly record: RunRecord | null;
  /** True at the end of a run: `image` becomes a table in the snapshot. */
  readonly materialise: boolean;
}
export interface PublishSnapshotResult {
  readonly bytes: number;
  readonly counts: Omit<CollectionCounts, 'rows' | 'rejected' | 'duplicates'>;
}
