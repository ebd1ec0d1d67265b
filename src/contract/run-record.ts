/** What programs read of a run: the entry of `status --json` (also progress.json) and the summary. */
import type { CatalogCounts } from './catalog-counts';
import type { ImageCode } from './outcome';
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

/** `runs/<runId>/run.json`. */
export interface RunFile {
  readonly v: 1;
  readonly runId: string;
  readonly workflowId: string;
  readonly input: RunInput | ResolvedInput;
  /** null until the catalog has been read. */
  readonly catalog: {
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string;
    /** Absent: read by a program that did not record it. */
    readonly counts?: CatalogCounts;
  } | null;
  /** ISO 8601 UTC, the Temporal server's: runs are ordered by it. */
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
  /** ingest: images taken from the catalog; download: images stored or not modified. Absent: not known. */
  readonly doneCount?: number;
  /** ingest: rows of the catalog that were rejected; download: images that failed. Absent: not known. */
  readonly failedCount?: number;
}

/**
 * One run in `status --json`, and the content of progress.json.
 *
 * **Units** `bytes` bytes stored by this run; `ratePerSecond` images; `secondsLeft` null when unknown.
 */
export interface RunEntry {
  readonly runId: string;
  readonly workflowId: string;
  readonly state: RunState;
  /** The step that runs, or ran last; null before the first. */
  readonly step: StepStatus | null;
  readonly planned: number;
  readonly stored: number;
  readonly notModified: number;
  readonly failed: number;
  /** Outcomes of this run that the warehouse has. */
  readonly committed: number;
  readonly bytes: number;
  readonly ratePerSecond: number;
  readonly secondsLeft: number | null;
  readonly startedAt: string;
  readonly updatedAt: string;
  /** What became of the catalog's rows; null until the catalog has been read. Only in `status`, where it is known. */
  readonly catalog?: CatalogCounts | null;
  /** True when the run was cut off: it has no end, and nothing has moved for long or Temporal has closed it. */
  readonly cutOff: boolean;
}

/** progress.json: the entry, the order in which it was written (an older one is refused), and by whom. */
export interface ProgressFile extends RunEntry {
  readonly v: 1;
  readonly sequence: number;
  /** Which life of the run tells it: Temporal's run id of the workflow, which a reset changes (`runId` stays). */
  readonly life?: string | undefined;
}

/** Outcomes of one run, by kind. **Units** images; `bytes` bytes stored; `requests` HTTP requests. */
export interface RunCounts {
  readonly planned: number;
  readonly stored: number;
  readonly notModified: number;
  readonly failed: number;
  readonly bytes: number;
  readonly requests: number;
}

/** The collection after a run. **Units** `rows` catalog rows read; the others images. */
export interface CollectionCounts {
  readonly rows: number;
  readonly images: number;
  readonly stored: number;
  readonly failed: number;
  readonly pending: number;
  readonly noUrl: number;
  readonly removed: number;
  readonly rejected: number;
  readonly duplicates: number;
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
  readonly counts: CollectionCounts;
  /** What became of the catalog's rows; null when the run read no catalog. */
  readonly catalog: CatalogCounts | null;
  readonly run: RunCounts;
  readonly codes: Readonly<Partial<Record<ImageCode, number>>>;
}
