/**
 * Domain errors. A message says what was attempted and on what, what was found, and what to do
 * next. One interceptor (activities/interceptors/failure-interceptor.ts) turns them into
 * ApplicationFailures whose `type` is the code.
 */

/**
 * Codes of steps. Each parks the run when its retries are used up; `input` of the step `ingest`
 * fails it.
 */
export const STEP_CODES = [
  'disk_full',
  'disk_io',
  'disk_readonly',
  'cross_device',
  'db_locked',
  'db_corrupt',
  'db_wal_corrupt',
  'db_newer',
  'db_memory',
  'catalog_missing',
  'catalog_empty',
  'catalog_columns',
  'catalog_format',
  'catalog_shrunk',
  'wrong_root',
  'ledger_changed',
  'clusters_failed',
  'embeddings_failed',
  'model_failed',
  'input',
] as const;

export type StepCode = (typeof STEP_CODES)[number];

/**
 * Codes of causes that pass by themselves, or when disk space is freed, and are worth retrying. All
 * others need an operator.
 */
const RETRYABLE: ReadonlySet<StepCode> = new Set([
  'disk_full',
  'disk_io',
  'db_locked',
  'db_memory',
]);

/**
 * A step cannot do its work. `code` becomes the ApplicationFailure's `type`, and the step is
 * retried when {@link StepError.retryable} is true.
 */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly code: StepCode;
  readonly retryable: boolean;

  constructor(code: StepCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.retryable = RETRYABLE.has(code);
  }
}
