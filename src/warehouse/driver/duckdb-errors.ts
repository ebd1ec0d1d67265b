/** Classifies DuckDB's errors by their messages because they have no codes. */
import { artemisCommand } from '../../contract/commands/printed-command';
import { StepError, type StepCode } from '../../contract/errors';
import { adviceForNewerFile } from './storage-version';

interface Kind {
  readonly code: StepCode;
  readonly pattern: RegExp;
  /** What the operator can do. It may depend on DuckDB's message, and on the data root. */
  readonly advice: string | ((message: string, dataRoot: string | null) => string);
}

/** Advice for a file that is not a warehouse any more. */
export function rebuildAdvice(dataRoot: string | null): string {
  return `Stop the workers, then "${artemisCommand('rebuild', dataRoot)}" makes a new one from catalogs, ledgers and files, and keeps this one aside; then retry the step`;
}

/**
 * The first pattern that matches decides. test/warehouse/driver/duckdb-errors.test.ts provokes each
 * message.
 */
const KINDS: readonly Kind[] = [
  {
    code: 'db_locked',
    pattern:
      /Could not set lock on file|being used by another process|different configuration than existing/i,
    advice:
      'Close that program; the commit is tried again by itself, and downloads go on meanwhile',
  },
  {
    code: 'db_newer',
    pattern: /newer version of DuckDB|storage version of an existing database/i,
    advice: adviceForNewerFile,
  },
  {
    code: 'db_wal_corrupt',
    pattern: /WAL/,
    advice:
      'Move warehouse.duckdb.wal aside (never delete it), then retry: the ledgers bring back what it held',
  },
  {
    code: 'db_memory',
    // A COMMIT reports it as a transaction that failed.
    pattern: /Out of Memory Error|failed to (?:pin block|allocate data) of size/i,
    advice: 'Raise ARTEMIS_DB_MEMORY, then retry the step',
  },
  {
    code: 'disk_full',
    pattern:
      /No space left on device|Disk quota exceeded|File too large|could not write all bytes/i,
    advice: 'Make room, then retry the step',
  },
  {
    code: 'disk_readonly',
    pattern: /Read-only file system|Permission denied|Operation not permitted|read-only mode/i,
    advice: 'Give this user the right to write there, then retry the step',
  },
  {
    code: 'db_corrupt',
    pattern:
      /not a valid DuckDB database file|database file with version number|Corrupt database file|checksum|Could not read enough bytes|Is a directory|deserializ|FATAL Error/i,
    advice: (_message, dataRoot) => rebuildAdvice(dataRoot),
  },
  {
    code: 'disk_io',
    pattern: /^IO Error|Input\/output error|fsync failed/i,
    advice: 'Check the disk (dmesg), then retry the step',
  },
];

/**
 * Translates an error of DuckDB.
 *
 * @param what names the attempted action and the file: "write /data/warehouse.duckdb".
 * @param dataRoot the one that the advice's commands name; null where no advice is printed.
 * @returns null when the error does not come from DuckDB.
 */
export function asWarehouseError(
  error: unknown,
  what: string,
  dataRoot: string | null,
): StepError | null {
  if (error instanceof StepError) return error;
  const message = messageOf(error);
  // Quoted names are removed because a folder may be called WAL or checksum.
  const unquoted = message.replaceAll(/"[^"]*"/g, '"…"');
  const kind = KINDS.find(({ pattern }) => pattern.test(unquoted));
  if (kind === undefined) return null;
  const advice = typeof kind.advice === 'string' ? kind.advice : kind.advice(message, dataRoot);
  return new StepError(kind.code, `Could not ${what}: ${firstLine(message)}. ${advice}.`, {
    cause: error,
  });
}

/**
 * The process that holds the lock, according to DuckDB's message. Null if the message does not name
 * one.
 */
export function parseLockHolder(
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
