/**
 * Decides which step code an error in a child process gets. Errors of DuckDB and of the disk are
 * recognised by their messages.
 */
import { StepError } from '../contract/errors';
import type { StepCode } from '../contract/errors';

interface Rule {
  readonly code: StepCode;
  readonly pattern: RegExp;
  readonly advice: string;
}

/**
 * The first rule that matches decides. The patterns are parts of the messages of DuckDB 1.5.5 and
 * of Node's system errors.
 */
const RULES: readonly Rule[] = [
  {
    code: 'disk_full',
    pattern: /ENOSPC|EDQUOT|no space left|could not write all bytes|max_temp_directory_size/i,
    advice: 'Make room on the disk of the data root and retry the step.',
  },
  {
    code: 'disk_readonly',
    pattern: /EROFS|EACCES|EPERM|read-only file system|: permission denied/i,
    advice: 'Make the data root writable and retry the step.',
  },
  {
    code: 'cross_device',
    pattern: /EXDEV/,
    advice: 'Keep tmp/ and runs/ of the data root on one file system, then retry the step.',
  },
  {
    code: 'disk_io',
    pattern: /\bEIO\b|EMFILE|ENFILE|input\/output error|: too many open files/i,
    advice: 'Look at the disk, then retry the step.',
  },
  {
    code: 'db_memory',
    pattern: /out of memory|failed to allocate|could not allocate/i,
    advice: 'Give more with ARTEMIS_DB_MEMORY, or fewer ARTEMIS_DB_THREADS, and retry the step.',
  },
];

/** @returns the error as a {@link StepError}, with the code `fallback` when no rule matches. */
export function asStepError(error: unknown, fallback: StepCode = 'catalog_format'): StepError {
  if (error instanceof StepError) return error;
  const seen = error instanceof Error ? error.message : String(error);
  const rule = RULES.find(({ pattern }) => pattern.test(seen));
  if (rule !== undefined)
    return new StepError(rule.code, `${seen} ${rule.advice}`, { cause: error });
  return new StepError(fallback, seen, { cause: error });
}
