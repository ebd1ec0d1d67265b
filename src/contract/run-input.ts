/** The input of `runPipeline`, as users write it and as the workflow uses it. */

export type CatalogFormat = 'csv' | 'tsv' | 'ndjson' | 'json' | 'parquet';
/** The steps of a run, in the order in which the DAG runs them (workflows/run/steps.ts). */
export const STEP_NAMES = ['ingest', 'download', 'publish'] as const;
export type StepName = (typeof STEP_NAMES)[number];
export type Select = 'pending' | 'failed' | 'all';
export type Verify = 'decode' | 'signature';

/** What one host is given. **Units** open sockets; requests in every window of one second. */
export interface HostBudget {
  readonly connections: number;
  readonly requestsPerSecond: number;
}

/** Limits for one file; inclusive; a run may only narrow the worker's. */
export interface FileLimits {
  readonly bytesPerFile: number;
  /** Of one request, connect to last byte. */
  readonly secondsPerFile: number;
  readonly pixels: number;
  /** Tries of one image in one run. */
  readonly attempts: number;
}

/** The input as the user gives it: only `catalog` is required. Validated by the activity `openRun`. */
export interface RunInput {
  /** Path of the catalog under the data root. */
  readonly catalog: string;
  readonly columns?: { readonly id?: string; readonly url?: string };
  readonly format?: CatalogFormat;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly steps?: readonly StepName[];
  readonly select?: Select;
  readonly limit?: number;
  /** Path (under the data root) of a file with ids, one a line. */
  readonly only?: string;
  readonly verify?: Verify;
  readonly hosts?: Readonly<Record<string, HostBudget>>;
  readonly limits?: Partial<FileLimits>;
  readonly maxRemoved?: number;
  readonly onStepFailure?: 'park' | 'fail';
  readonly parkTimeout?: number;
  readonly publishEvery?: number;
}

/** The input with every default filled in: what the workflow works with. */
export interface ResolvedInput {
  readonly catalog: string;
  readonly columns: { readonly id: string; readonly url: string };
  readonly format: CatalogFormat;
  readonly encoding: string;
  readonly delimiter: string | null;
  readonly steps: readonly StepName[];
  readonly select: Select;
  readonly limit: number | null;
  readonly only: string | null;
  readonly verify: Verify;
  /** Always has the key `default`. */
  readonly hosts: Readonly<Record<string, HostBudget>>;
  readonly limits: Partial<FileLimits>;
  readonly maxRemoved: number;
  readonly onStepFailure: 'park' | 'fail';
  /** Seconds; null: a parked run waits for ever. */
  readonly parkTimeout: number | null;
  /** Seconds between snapshots while downloading; 0: only at the end. */
  readonly publishEvery: number;
}
