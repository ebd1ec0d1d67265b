/**
 * The writer lock: for its whole life the warehouse worker holds `warehouse.lock`, a tiny DuckDB file, open.
 * Its POSIX lock dies with the process. Nothing else in the process may open the file: closing it would drop the lock.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { dataRootPaths } from '../files/data-root';
import { ensureDirectory } from '../files/directories';
import { onDisk } from '../files/disk-errors';
import { processState } from '../files/process-state';
import { asWarehouseError, lockHolder } from './duckdb-errors';

/** Who holds the lock. `since` ISO 8601 UTC, null where the system does not tell; a stopped holder blocks for ever. */
export interface WriterLockHolder {
  readonly pid: number;
  readonly program: string;
  readonly since: string | null;
  readonly isStopped: boolean;
}

export interface WriterLock {
  release(): Promise<void>;
}

export interface WriterLockOptions {
  readonly dataRoot: string;
  /** Called once for every holder that is in the way, and again when it was stopped. */
  readonly onWaiting: (holder: WriterLockHolder) => void;
  readonly signal: AbortSignal;
}

/** **Units** ms between two tries. */
const TRY_EVERY_MS = 1_000;

/**
 * Waits as a standby until the lock is free, and takes it.
 *
 * **Errors** the signal's reason when aborted; StepError disk_*, db_corrupt when `warehouse.lock` is something else.
 */
export async function acquireWriterLock(options: WriterLockOptions): Promise<WriterLock> {
  const file = dataRootPaths(options.dataRoot).warehouseLock;
  onDisk(`create the data root ${options.dataRoot}`, () => {
    ensureDirectory(options.dataRoot);
  });
  let told = '';
  for (;;) {
    const attempt = await tryLock(file);
    if ('lock' in attempt) return attempt.lock;
    const key = `${attempt.holder.pid} ${attempt.holder.isStopped}`;
    if (key !== told) options.onWaiting(attempt.holder);
    told = key;
    await delay(TRY_EVERY_MS, undefined, { signal: options.signal });
  }
}

async function tryLock(
  file: string,
): Promise<{ readonly lock: WriterLock } | { readonly holder: WriterLockHolder }> {
  try {
    const instance = await DuckDBInstance.create(file, { threads: '1' });
    return {
      lock: {
        release: () => {
          instance.closeSync();
          return Promise.resolve();
        },
      },
    };
  } catch (error) {
    const known = asWarehouseError(error, `take the writer lock ${file}`);
    if (known?.code !== 'db_locked') throw known ?? error;
    const { pid, program } = lockHolder(error) ?? { pid: 0, program: 'another program' };
    return { holder: { pid, program, ...processState(pid) } };
  }
}
