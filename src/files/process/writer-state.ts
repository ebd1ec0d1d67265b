/** Reports, from the disk alone, which processes hold the writer lock and `warehouse.duckdb`. */
import fs from 'node:fs';
import { dataRootPaths } from '../data-root';
import { fileHolder, type LockHolder } from './file-holder';
import { errorCode } from '../error-code';

export interface WriterState {
  /**
   * The warehouse worker, which holds `warehouse.lock`; `since` is the time at which it acquired
   * the lock. Null if no process holds it or the system does not report it.
   */
  readonly writer: LockHolder | null;
  /**
   * The process that has `warehouse.duckdb` open: the warehouse worker during a write, or another
   * program that blocks writes.
   */
  readonly warehouse: LockHolder | null;
}

/** Opens neither file. An empty or missing data root is not an error. */
export function writerState(root: string): WriterState {
  const paths = dataRootPaths(root);
  const writer = fileHolder(paths.warehouseLock);
  return {
    writer: writer === null ? null : { ...writer, since: lockTakenAt(root) ?? writer.since },
    warehouse: fileHolder(paths.warehouse),
  };
}

/**
 * Records, in the modification time of the lock file, that this process has just acquired the
 * writer lock. The time is set by path because opening and closing the file would drop the lock.
 */
export function noteLockTaken(root: string): void {
  const now = new Date();
  try {
    fs.utimesSync(dataRootPaths(root).warehouseLock, now, now);
  } catch (error) {
    // The file may belong to another user and be writable for the group. Only its owner may set its
    // time.
    if (errorCode(error) !== 'EPERM') throw error;
  }
}

/** When the writer lock was last acquired, in ISO 8601 UTC. Null if it never was. */
export function lockTakenAt(root: string): string | null {
  const stat = fs.statSync(dataRootPaths(root).warehouseLock, { throwIfNoEntry: false });
  return stat?.mtime.toISOString() ?? null;
}

/**
 * Describes a process for a message: "pid 4711 (node) since 2026-11-24T15:20:01.000Z". For a
 * stopped process, also says what to do.
 */
export function describeHolder({ pid, program, since, isStopped }: LockHolder): string {
  const description = `pid ${pid} (${program})${since === null ? '' : ` since ${since}`}`;
  if (!isStopped) return description;
  return `${description}, which is stopped: continue it (kill -CONT ${pid}) or end it (kill -KILL ${pid})`;
}
