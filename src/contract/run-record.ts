/**
 * The records of a run that programs read: its entry in `status --json`, which is also the content
 * of progress.json, and its summary.
 */
import type { EmbeddingCounts } from './embeddings/embedding';
import type { CatalogCounts } from './catalog/catalog-counts';
import type { ClusterCounts } from './derived/cluster-counts';
import type { DerivedProblem } from './derived/derived-file';
import type { ModelCounts } from './derived/model-counts';
import type { ImageCode } from './outcome';
import type { Placeholder } from './placeholders';
import type { ResolvedInput, RunInput, StepName } from './run-input';

export type RunState =
  | 'running'
  | 'waiting'
  | 'paused'
  | 'parked'
  | 'cancelling'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'aborted';

/** States in which a run has ended. */
export const FINAL_STATES: ReadonlySet<RunState> = new Set([
  'completed',
  'failed',
  'cancelled',
  'aborted',
]);

export type StepState = 'pending' | 'running' | 'parked' | 'completed' | 'failed' | 'skipped';

/** The workflow id of repairs, and of the runs that contain their `lost` lines. */
export const REPAIR_WORKFLOW_ID = 'repair';

/** `runs/<runId>/run.json`. */
export interface RunFile {
  readonly v: 1;
  readonly runId: string;
  readonly workflowId: string;
  readonly input: RunInput | ResolvedInput;
  /** Null until the catalog has been read. */
  readonly catalog: {
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string;
    /** Absent when the catalog was read by a build that did not record it. */
    readonly counts?: CatalogCounts;
  } | null;
  /** The Temporal server's time, ISO 8601 UTC. Runs are ordered by it. */
  readonly startedAt: string;
}

export interface StepStatus {
  readonly name: StepName;
  readonly state: StepState;
  readonly code: string | null;
  readonly detail: string | null;
}

/** A step as `etl_step` records it. */
export interface StepRecord extends StepStatus {
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /**
   * For ingest, the images taken from the catalog; for download, the images that were stored or not
   * modified; for features and embeddings, the files that were computed; for clusters, the groups
   * that there are; for aggregates, the models that were built. Absent when unknown.
   */
  readonly doneCount?: number;
  /**
   * For ingest, the rows of the catalog that were rejected; for download, the images that failed;
   * for features and embeddings, the files, and for aggregates, the models that failed; for
   * clusters, 0. Absent when unknown.
   */
  readonly failedCount?: number;
}

/**
 * How far the features of a run are, in numbers of files (distinct sha256). The rate is in files,
 * and `secondsLeft` is null when unknown.
 */
export interface FeaturesEntry {
  readonly planned: number;
  readonly computed: number;
  readonly failed: number;
  readonly ratePerSecond: number;
  readonly secondsLeft: number | null;
}

/** For example `400 computed, 2 failed of 402 files planned`. */
export function featuresSentence({
  planned,
  computed,
  failed,
}: Pick<FeaturesEntry, 'planned' | 'computed' | 'failed'>): string {
  return `${computed} computed, ${failed} failed of ${planned} files planned`;
}

/** How far the catalog has been read. The rate is in rows. */
export interface IngestProgress {
  readonly rows: number;
  readonly ratePerSecond: number;
}

/** A host that the downloads wait for. */
export interface WaitingHost {
  /** `name` or `name:port`, or `the network`. */
  readonly host: string;
  /** When it is asked again, ISO 8601 UTC. */
  readonly until: string;
  /** Why it waits, for users. */
  readonly reason: string;
}

/**
 * One run in `status --json`, and the content of progress.json. `bytes` is the number of bytes that
 * this run stored, `ratePerSecond` is in images, and `secondsLeft` is null when unknown.
 */
export interface RunEntry {
  readonly runId: string;
  readonly workflowId: string;
  readonly state: RunState;
  /** The step that runs, or that ran last; null before the first. */
  readonly step: StepStatus | null;
  readonly planned: number;
  readonly stored: number;
  readonly notModified: number;
  readonly failed: number;
  /** The number of outcomes of this run that are in the warehouse. */
  readonly committed: number;
  readonly bytes: number;
  readonly ratePerSecond: number;
  readonly secondsLeft: number | null;
  readonly startedAt: string;
  readonly updatedAt: string;
  /** Null for the unnamed collection. Present only in `status`. */
  readonly collection?: string | null;
  /** The hosts that the downloads wait for, the longest wait first; absent when there are none. */
  readonly waits?: readonly WaitingHost[];
  /** How many more hosts they wait for; absent when `waits` has all. */
  readonly moreWaits?: number;
  /** The command that removes what `step.detail` describes; absent when there is none. */
  readonly command?: string;
  /** Present from the first report of the step `features` on. */
  readonly features?: FeaturesEntry;
  /** Present once the step `embeddings` has computed the last one. */
  readonly embeddings?: EmbeddingCounts;
  /** Present once the step `clusters` has found the groups. */
  readonly clusters?: ClusterCounts;
  /**
   * How many of the catalog's rows were accepted and rejected; null until the catalog has been
   * read. Present only in `status`.
   */
  readonly catalog?: CatalogCounts | null;
  /** Null unless the catalog is being read. Present only in `status`. */
  readonly ingest?: IngestProgress | null;
  /**
   * Path of the report of a run that has ended, relative to the data root; null without one.
   * Present only in `status`.
   */
  readonly report?: string | null;
  /**
   * True when the run was cut off: it has no end, and either it has not progressed for long or
   * Temporal has closed it.
   */
  readonly cutOff: boolean;
}

/**
 * The content of progress.json: the entry, its sequence number (an older record is refused), and
 * its workflow execution.
 */
export interface ProgressFile extends RunEntry {
  readonly v: 1;
  readonly sequence: number;
  /**
   * The workflow execution that made the record: Temporal's run id of the workflow, which a reset
   * changes (`runId` stays).
   */
  readonly life?: string | undefined;
}

/**
 * The outcomes of one run, by kind, in numbers of images. `bytes` is the number of stored bytes,
 * and `requests` of HTTP requests.
 */
export interface RunCounts {
  readonly planned: number;
  readonly stored: number;
  readonly notModified: number;
  readonly failed: number;
  readonly bytes: number;
  readonly requests: number;
}

/** The counts of a run without outcomes. */
export const NO_OUTCOMES: RunCounts = {
  planned: 0,
  stored: 0,
  notModified: 0,
  failed: 0,
  bytes: 0,
  requests: 0,
};

/**
 * The collection after a run. `rows` is the number of catalog rows read, and the others are numbers
 * of images.
 */
export interface CollectionCounts {
  readonly rows: number;
  readonly images: number;
  readonly stored: number;
  readonly failed: number;
  readonly pending: number;
  readonly noUrl: number;
  /** The failed images that only `select: failed` asks for again; absent when not counted. */
  readonly permanent?: number;
  /**
   * The stored images whose files the step `features` would compute; absent when the run's end was
   * not published.
   */
  readonly withoutFeatures?: number;
  readonly removed: number;
  readonly rejected: number;
  readonly duplicates: number;
}

/** A host that was given up because it refused everything, and what it answered. */
export interface RefusedHost {
  readonly host: string;
  readonly code: ImageCode;
  readonly detail: string;
}

/**
 * Ids of the list `only` that no image of the collection has: how many of how many, and the first
 * of them in the order of the list, of which it has at most 200 characters.
 */
export interface UnknownIds {
  readonly count: number;
  readonly listed: number;
  readonly first: string;
}

/** For example `2 of 40 ids of the list are not in the collection, the first is "w12".` */
export function unknownIdsSentence({ count, listed, first }: UnknownIds): string {
  return `${count} of ${listed} ids of the list are not in the collection, the first is ${JSON.stringify(first)}.`;
}

/**
 * The most frequent detail of the failed images of one code, and the number of images that have it.
 */
export interface CommonDetail {
  readonly detail: string;
  readonly images: number;
}

/** summary.json and the result of `runPipeline`. */
export interface Summary {
  readonly v: 1;
  readonly runId: string;
  readonly workflowId: string;
  readonly state: RunState;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly seconds: number;
  /** The collection that `counts` is of; absent for the unnamed one. */
  readonly collection?: string;
  readonly counts: CollectionCounts;
  /**
   * How many of the catalog's rows were accepted and rejected; null when the run read no catalog.
   */
  readonly catalog: CatalogCounts | null;
  readonly run: RunCounts;
  readonly codes: Readonly<Partial<Record<ImageCode, number>>>;
  /**
   * The commonest detail of each code, of the twenty codes with most images; absent when the run's
   * end was not published.
   */
  readonly details?: Readonly<Partial<Record<ImageCode, CommonDetail>>>;
  /** Files that many URLs of one host gave, at most ten; absent without any. */
  readonly placeholders?: readonly Placeholder[];
  /** Absent in a run without the step `features`. */
  readonly features?: Pick<FeaturesEntry, 'planned' | 'computed' | 'failed'>;
  /** Absent in a run without the step `embeddings`, and in one whose step has not ended. */
  readonly embeddings?: EmbeddingCounts;
  /** Absent in a run without the step `clusters`, and in one whose step found no groups yet. */
  readonly clusters?: ClusterCounts;
  /** Absent in a run whose step `aggregates` built nothing. */
  readonly models?: ModelCounts;
  /** Derived files that this run could not merge into the snapshot; absent without any. */
  readonly derivedProblems?: readonly DerivedProblem[];
  /** Hosts that were given up because they refused everything, at most ten; absent without any. */
  readonly refused?: readonly RefusedHost[];
  /** Ids of `only` that were not found; absent when all were, or without `only`. */
  readonly unknownIds?: UnknownIds;
  /** Path of the report, relative to the data root; absent when it could not be drawn. */
  readonly report?: string;
  /** Why the report could not be drawn; absent when it was. */
  readonly reportProblem?: string;
}
