/** Who is in the way of writing: the holder of the writer lock, and that of `warehouse.duckdb` itself. From the disk alone. */
import fs from 'node:fs';
import { dataRootPaths } from '../data-root';
import { fileHolder, type LockHolder } from './file-holder';

export interface WriterState {
  /** Holds `warehouse.lock`: the warehouse worker; `since` it took it. Null: nobody, or the system does not tell. */
  readonly writer: LockHolder | null;
  /** Has `warehouse.duckdb` open: the worker for the instant of a write, or a program that is in its way. */
  readonly warehouse: LockHolder | null;
}

/** Touches neither file. An empty or missing data root is no error. */
export function writerState(root: string): WriterState {
  const paths = dataRootPaths(root);
  const writer = fileHolder(paths.warehouseLock);
  return {
    writer: writer === null ? null : { ...writer, since: lockTakenAt(root) ?? writer.since },
    warehouse: fileHolder(paths.warehouse),
  };
}

/**
 * Notes that this process took the writer lock just now, as the time of the lock file.
 * By its name: opening and closing the file would drop the lock.
 */
export function noteLockTaken(root: string): void {
  const now = new Date();
  try {
    fs.utimesSync(dataRootPaths(root).warehouseLock, now, now);
  } catch (error) {
    // Another user's file, writable for the group: only its owner may set its time.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

/** When the writer lock was taken last; ISO 8601 UTC, null when it never was. */
export function lockTakenAt(root: string): string | null {
  const stat = fs.statSync(dataRootPaths(root).warehouseLock, { throwIfNoEntry: false });
  return stat?.mtime.toISOString() ?? null;
}

/** "pid 4711 (node) since 2026-11-24T15:20:01.000Z"; for a stopped one, what to do. */
export function holderWords({ pid, program, since, isStopped }: LockHolder): string {
  const known = `pid ${pid} (${program})${since === null ? '' : ` since ${since}`}`;
  if (!isStopped) return known;
  return `${known}, which is stopped: continue it (kill -CONT ${pid}) or end it (kill -KILL ${pid})`;
}
