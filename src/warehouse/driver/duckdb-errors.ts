/** Tells DuckDB's errors apart, by their messages: there are no codes. */
import { StepError, type StepCode } from '../../contract/errors';
import { adviceForNewerFile } from './storage-version';

interface Kind {
  readonly code: StepCode;
  readonly pattern: RegExp;
  /** What to do; a function of DuckDB's message where it depends on it. */
  readonly next: string | ((message: string) => string);
}

/** What to do about a file that is no warehouse any more. */
export const REBUILD =
  'Stop the workers, then "artemis-pipeline rebuild" makes a new one from catalogs, ledgers and files, and keeps this one aside; then retry the step';

/** The first that matches wins. **Source** each message was provoked in test/warehouse/driver/duckdb-errors.test.ts. */
const KINDS: readonly Kind[] = [
  {
    code: 'db_locked',
    pattern:
      /Could not set lock on file|being used by another process|different configuration than existing/i,
    next: 'Close that program; the commit is tried again by itself, and downloads go on meanwhile',
  },
  {
    code: 'db_newer',
    pattern: /newer version of DuckDB|storage version of an existing database/i,
    next: adviceForNewerFile,
  },
  {
    code: 'db_wal_corrupt',
    pattern: /WAL/,
    next: 'Move warehouse.duckdb.wal aside (never delete it), then retry: the ledgers bring back what it held',
  },
  {
    code: 'db_memory',
    pattern: /Out of Memory Error/i,
    next: 'Raise ARTEMIS_DB_MEMORY, then retry the step',
  },
  {
    code: 'disk_full',
    pattern:
      /No space left on device|Disk quota exceeded|File too large|could not write all bytes/i,
    next: 'Make room, then retry the step',
  },
  {
    code: 'disk_readonly',
    pattern: /Read-only file system|Permission denied|Operation not permitted|read-only mode/i,
    next: 'Give this user the right to write there, then retry the step',
  },
  {
    code: 'db_corrupt',
    pattern:
      /not a valid DuckDB database file|database file with version number|Corrupt database file|checksum|Could not read enough bytes|Is a directory|deserializ|FATAL Error/i,
    next: REBUILD,
  },
  {
    code: 'disk_io',
    pattern: /^IO Error|Input\/output error|fsync failed/i,
    next: 'Check the disk (dmesg), then retry the step',
  },
];

/** The step error for an error of DuckDB's; null when it is another. `what` says what was attempted, on which file. */
export function asWarehouseError(error: unknown, what: string): StepError | null {
  if (error instanceof StepError) return error;
  const message = messageOf(error);
  // Without the names in it: a folder may be called WAL, or checksum.
  const words = message.replaceAll(/"[^"]*"/g, '"…"');
  const kind = KINDS.find(({ pattern }) => pattern.test(words));
  if (kind === undefined) return null;
  const next = typeof kind.next === 'string' ? kind.next : kind.next(message);
  return new StepError(kind.code, `Could not ${what}: ${firstLine(message)}. ${next}.`, {
    cause: error,
  });
}

/** Who holds the lock, as DuckDB names it; null where its message does not. */
export function lockHolder(
  error: unknown,
): { readonly pid: number; readonly program: string } | null {
  const found = /lock is held in (.+?) \(PID (\d+)\)/.exec(messageOf(error));
  return found === null ? null : { program: found[1] ?? '', pid: Number(found[2]) };
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/\. See also https?:.*$/, '').replace(/\.$/, '');
}
