/**
 * The inputs and results of activities. Each is one readonly object of plain JSON. Payloads carry
 * references (paths relative to the data root, counts, digests), and never lists of URLs.
 */
import type { EmbeddingModel } from './embeddings/embedding';
import type { RejectGroup } from './catalog/catalog-counts';
import type { ClusterCounts } from './derived/cluster-counts';
import type { DerivedFile, DerivedProblem } from './derived/derived-file';
import type { ModelCounts } from './derived/model-counts';
import type {
  FileLimits,
  HostBudget,
  OpaqueKind,
  ResolvedInput,
  Select,
  Verify,
} from './run-input';
import type {
  CollectionCounts,
  ProgressFile,
  RefusedHost,
  RunCounts,
  RunState,
  StepRecord,
  Summary,
  UnknownIds,
} from './run-record';
import type { Obstacle } from './obstacle';
import type { ImageCode } from './outcome';
import type { CommandPlace } from './commands/printed-command';
import type { RunRef } from './run-ref';
import type { SavedHostStates } from './hosts/saved-host-state';

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
  /** The input as the user gave it, which may be any value. */
  readonly input: unknown;
}
export interface OpenRunResult {
  readonly warehouseId: string;
  readonly input: ResolvedInput;
  /**
   * The search attributes of this program that the server has registered. No other one may be
   * upserted.
   */
  readonly searchAttributes: readonly string[];
  readonly tuning: Tuning;
  /**
   * The server and data root that printed commands name; absent in results of builds that did not
   * return it.
   */
  readonly place?: CommandPlace;
  /** The model of a run with the step `embeddings`; absent in other runs. */
  readonly embeddingModel?: EmbeddingModel;
}
/**
 * How finely a run is divided. It comes from the plan worker's configuration, because workflows
 * cannot read it.
 */
export interface Tuning {
  /** The seconds after which a batch ends and returns its place in the lane. */
  readonly batchSeconds: number;
  /**
   * The number of history events after which the download child continues as new. It also does when
   * the server suggests it.
   */
  readonly historyEvents: number;
  /**
   * The seconds between commits during downloads. They are further apart, up to a minute, where
   * they would lock the warehouse for more than 1 % of the time.
   */
  readonly commitSeconds: number;
  /**
   * The seconds after which a write of the warehouse is late, so that the obstacle in its way is
   * found and shown.
   */
  readonly lateSeconds: number;
  /**
   * How long a step waits while another program has the warehouse open, before it fails with
   * `db_locked`.
   */
  readonly lockPatienceSeconds: number;
}

export interface ParseCatalogInput extends RunRef {
  readonly input: ResolvedInput;
}
/**
 * `parquet` and `rejects` are paths relative to the data root: the accepted rows
 * (`source_image_id`, `record`, `thumb_url`, then every catalog column as text) and the rejected
 * ones. Counts are numbers of catalog rows, and `images` is the number of rows in `parquet`.
 */
export interface ParseCatalogResult {
  readonly parquet: string;
  readonly rejects: string;
  readonly rows: number;
  readonly images: number;
  readonly noUrl: number;
  readonly rejected: number;
  readonly duplicates: number;
  /** Absent in results of builds that did not count by code. */
  readonly rejectGroups?: readonly RejectGroup[];
  readonly catalog: { readonly path: string; readonly bytes: number; readonly sha256: string };
}

export interface PlanDownloadsInput extends RunRef {
  readonly select: Select;
  readonly limit: number | null;
  readonly only: string | null;
  readonly hosts: Readonly<Record<string, HostBudget>>;
  /** Absent: the unnamed collection. */
  readonly collection?: string | undefined;
}
/**
 * Planned images that are downloaded batch by batch. `entries` counts distinct URLs. The schema is
 * in `plan/plan-file-schemas.ts`, and the compiler checks that it is the same.
 */
export interface Lane {
  readonly lane: string;
  /** The lane's host, or a few of its hosts when it is mixed. For users. */
  readonly hosts: readonly string[];
  readonly images: number;
  readonly entries: number;
  /** Budgets by host key for the hosts of this lane, and `default`: the lane's share of them. */
  readonly budgets: Readonly<Record<string, HostBudget>>;
  /** The number of lanes of the lane's only host, where it has more than one. */
  readonly lanesOfHost?: number;
}
export interface PlanDownloadsResult {
  readonly planned: number;
  /**
   * The number of images that are not in the plan because the run had recorded their outcomes
   * before. This happens when the run was reset or its step is retried.
   */
  readonly settled: number;
  /** Absent when the collection has all ids of `only`, and in the results of older workers. */
  readonly unknownIds?: UnknownIds;
  readonly lanes: number;
  /** The number of index pages. `readPlanPage` reads page `n` (from 0). */
  readonly pages: number;
  /**
   * The lanes of page 0, so that the first batches need not wait for `readPlanPage`. Absent in the
   * results of older workers.
   */
  readonly firstLanes?: readonly Lane[];
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
  /** The run that users already see as the one to wait for; null at first. */
  readonly knownHolder: string | null;
}
/**
 * Both fields are null when the lease is taken. Otherwise they are the run that holds it, and the
 * obstacle to report.
 */
export interface AwaitLeaseResult {
  readonly holder: string | null;
  readonly obstacle: Obstacle | null;
  /** True when no run has written a ledger yet, so that there is nothing to recover. */
  readonly isFirst?: boolean;
}

export interface RecordProgressInput extends RunRef {
  readonly progress: ProgressFile;
}
export interface RecallBatchesInput extends RunRef {
  /** Batches up to this one end as soon as their running images are done. */
  readonly throughDispatch: number;
}
export interface CloseRunInput extends RunRef {
  /** The workflow execution of the run that ends. */
  readonly life: string;
  readonly summary: Omit<Summary, 'v'>;
}

// ---- queue: download ---------------------------------------------------------------------------

/**
 * The place in a lane where a batch continues: `offset` bytes into the lane's plan file, and
 * `entry` entries before it.
 */
export interface LanePlace {
  readonly offset: number;
  readonly entry: number;
}
export interface DownloadBatchInput extends RunRef {
  readonly lane: string;
  readonly place: LanePlace;
  /** The workflow's counter of batches (from 1). */
  readonly dispatch: number;
  readonly previousDispatch: number;
  readonly verify: Verify;
  /** Absent when none is kept. */
  readonly keep?: readonly OpaqueKind[];
  readonly limits: Partial<FileLimits>;
  readonly budgets: Readonly<Record<string, HostBudget>>;
  /**
   * The number of lanes that share the budgets evenly, below the worker's caps. Absent when the
   * budgets belong to this lane alone.
   */
  readonly sharedBy?: number;
  /** The lane's only host; absent when it has several. */
  readonly onlyHost?: string;
  /** The state of the lane's hosts after earlier batches; absent when there is none. */
  readonly hosts?: SavedHostStates;
  /**
   * The file with the complete state, relative to the data root, where `hosts` has only the most
   * important hosts.
   */
  readonly hostsFile?: string;
  /** How long ago that file was written, in milliseconds. */
  readonly hostsFileAgeMs?: number;
  /** Attempts that earlier batches used for the first entries from the place on, by entry. */
  readonly tried?: Readonly<Record<string, number>>;
  /** The seconds after which the batch returns its place. */
  readonly timeBoxSeconds: number;
}
/**
 * The key that stands for the network, when several hosts of a lane cannot be reached at once. It
 * is not the name of a host.
 */
export const NETWORK = '*';
/**
 * A host that the lane waits for from now on. `waitMs` is a duration, because a time of day would
 * be that of this worker, whose clock may be wrong. `why` states whether the host asked for the
 * wait (Retry-After), the host only fails, or nothing can be reached ({@link NETWORK}).
 */
export interface HostPause {
  readonly host: string;
  readonly waitMs: number;
  readonly code: ImageCode;
  readonly why: 'asked' | 'outage' | 'network';
  /** What the host answers, when it refuses everything, or what the proxy did. */
  readonly detail?: string;
}
export interface DownloadBatchResult {
  /** Where the lane's next batch starts; null when the lane is done. */
  readonly place: LanePlace | null;
  /**
   * The host that may be asked again first; null unless all that is left of the lane waits for
   * hosts.
   */
  readonly pause: HostPause | null;
  readonly hosts: SavedHostStates;
  /**
   * The file with the complete state where `hosts` has only the most important hosts, as {@link
   * DownloadBatchInput.hostsFile}.
   */
  readonly hostsFile?: string;
  readonly tried: Readonly<Record<string, number>>;
  /** Absent when there are none, and in results of older builds. */
  readonly refused?: readonly RefusedHost[];
  /**
   * Only entries before this one may have outcomes in this batch's ledgers or in those that it
   * read.
   */
  readonly readTo: number;
  readonly stored: number;
  readonly failed: number;
}

// ---- queue: warehouse --------------------------------------------------------------------------

export interface MergeCatalogInput extends RunRef {
  readonly parquet: string;
  readonly rejects: string;
  readonly maxRemoved: number;
  /** Absent: the unnamed collection. */
  readonly collection?: string | undefined;
  /** The catalog may differ from the collection as much as it does. */
  readonly replace?: boolean | undefined;
  readonly record: RunRecord;
}
/** Numbers of images. Idempotent: a second merge of the same catalog changes nothing. */
export interface MergeCatalogResult {
  readonly added: number;
  readonly removed: number;
  /**
   * Those of the removed images whose URL the catalog lists under an id that is new or returns.
   * `maxRemoved` does not count them.
   */
  readonly renamed: number;
  readonly returned: number;
  readonly urlChanged: number;
  /**
   * How long the warehouse file was open, in milliseconds. For a large catalog that is only the
   * swap of the file.
   */
  readonly lockHeldMs: number;
}
export interface CommitLedgersInput {
  readonly warehouseId: string;
  /**
   * Commits only the ledgers of this run. Null commits those of every run on disk, for a recovery.
   */
  readonly runId: string | null;
  /**
   * When an earlier commit began to wait for another program (ISO 8601 UTC). Its time limit
   * continues.
   */
  readonly lockedSince?: string | null;
}
/**
 * The number of ledger lines that this call applied. `run` and `codes` count the run's outcomes in
 * the warehouse, and `run` is null in recovery.
 */
export interface CommitLedgersResult {
  readonly applied: number;
  readonly ledgers: number;
  readonly run: RunCounts | null;
  readonly codes: Readonly<Partial<Record<ImageCode, number>>>;
  /** How long the warehouse file was open, in milliseconds. */
  readonly lockHeldMs: number;
}
export interface PublishSnapshotInput {
  readonly warehouseId: string;
  /** Written to `etl_run` and `etl_step` first; null leaves them unchanged. */
  readonly record: RunRecord | null;
  /** True at the end of a run, when `image` becomes a table in the snapshot. */
  readonly materialise: boolean;
  /** The collection that is counted; absent for the unnamed one. */
  readonly collection?: string | undefined;
  /** Files to install before the derived files are merged; absent for none. */
  readonly derived?: readonly DerivedFile[];
}
/** Groups of equal and similar images are found in the published snapshot. */
export type FindClustersInput = RunRef;
export interface FindClustersResult {
  /**
   * The tables, which the next publication installs; null when the snapshot has those of the same
   * input.
   */
  readonly derived: DerivedFile | null;
  readonly counts: ClusterCounts;
}
/** The models of the package and of the user are bound to the columns of the published snapshot. */
export type BindModelsInput = RunRef;
export interface BindModelsResult {
  /** The first mistake, which begins with `<file>:<line>:<column>: `; null without any. */
  readonly mistake: string | null;
  /** The number of models and checks with a mistake of their own. */
  readonly mistakes: number;
}
/** The models of the package and of the user are built over the published snapshot. */
export interface BuildModelsInput extends RunRef {
  /** True when the tables of the same content may stay; absent in runs of older builds. */
  readonly mayReuse?: boolean;
}
export interface BuildModelsResult {
  /**
   * The tables, which the next publication installs; null, only with `mayReuse`, when the snapshot
   * has those of the same content and files.
   */
  readonly derived: DerivedFile | null;
  readonly counts: ModelCounts;
  /** The first mistake, which begins with `<file>:<line>:<column>: `; null without any. */
  readonly mistake: string | null;
}

export interface PublishSnapshotResult {
  readonly bytes: number;
  readonly counts: Omit<CollectionCounts, 'rows' | 'rejected' | 'duplicates'>;
  /** As in the summary. Only at the end of a run, and absent in results of older builds. */
  readonly details?: Summary['details'];
  /** As in the summary. */
  readonly placeholders?: Summary['placeholders'];
  /** Why derived files were not installed or merged; absent if all were. */
  readonly derivedProblems?: readonly DerivedProblem[];
}
