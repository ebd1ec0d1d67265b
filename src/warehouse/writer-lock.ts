/**
 * The writer lock: the warehouse worker keeps `warehouse.lock`, a tiny DuckDB file, open as long as
 * it runs. The POSIX lock on the file ends with the process. No other code in the process may open
 * the file because closing it would drop the lock.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { StepError } from '../contract/errors';
import { dataRootPaths } from '../files/data-root';
import { ensureDirectory } from '../files/directories';
import { onDisk } from '../files/disk-errors';
import type { LockHolder } from '../files/process/file-holder';
import { processState } from '../files/process/process-state';
import { linkUnlessTaken } from '../files/link-or-copy';
import { tempName } from '../files/temp-names';
import { lockTakenAt, noteLockTaken } from '../files/process/writer-state';
import { asWarehouseError, parseLockHolder } from './driver/duckdb-errors';

export interface WriterLock {
  release(): Promise<void>;
}

export interface WriterLockOptions {
  readonly dataRoot: string;
  /** Called once for each process that holds the lock, and again when that process was stopped. */
  readonly onWaiting: (holder: LockHolder) => void;
  readonly signal: AbortSignal;
}

/** Time between two attempts, in ms. */
const RETRY_INTERVAL_MS = 1_000;

/**
 * Waits until the lock is free, and acquires it.
 *
 * @throws the signal's reason when it is aborted; StepError disk_*, and db_corrupt when
 *   `warehouse.lock` is another file.
 */
export async function acquireWriterLock(options: WriterLockOptions): Promise<WriterLock> {
  await createLockFile(options.dataRoot);
  let reportedHolder = '';
  for (;;) {
    const attempt = await tryLock(options.dataRoot);
    if ('lock' in attempt) return attempt.lock;
    const key = `${attempt.holder.pid} ${attempt.holder.isStopped}`;
    if (key !== reportedHolder) options.onWaiting(attempt.holder);
    reportedHolder = key;
    await delay(RETRY_INTERVAL_MS, undefined, { signal: options.signal });
  }
}

/**
 * Creates the lock file by a link, so that it appears complete. A file that DuckDB creates in place
 * is empty for a moment. Another process, or any process after a kill in that moment, could not
 * open it as a DuckDB file.
 */
async function createLockFile(dataRoot: string): Promise<void> {
  const { tmp, warehouseLock } = dataRootPaths(dataRoot);
  onDisk(`create the data root ${dataRoot}`, () => {
    ensureDirectory(tmp);
  });
  if (fs.existsSync(warehouseLock)) return;
  const temp = path.join(tmp, tempName('lock'));
  try {
    (await DuckDBInstance.create(temp, { threads: '1' })).closeSync();
    onDisk(`create ${path.basename(warehouseLock)}`, () => linkUnlessTaken(temp, warehouseLock));
  } finally {
    fs.rmSync(temp, { force: true });
  }
}

async function tryLock(
  dataRoot: string,
): Promise<{ readonly lock: WriterLock } | { readonly holder: LockHolder }> {
  const file = dataRootPaths(dataRoot).warehouseLock;
  try {
    const instance = await DuckDBInstance.create(file, { threads: '1' });
    noteLockTaken(dataRoot);
    return {
      lock: {
        release: () => {
          instance.closeSync();
          return Promise.resolve();
        },
      },
    };
  } catch (error) {
    const known = asWarehouseError(error, `take the writer lock ${file}`, dataRoot);
    if (known?.code === 'db_corrupt' || known?.code === 'db_newer')
      throw notALockFileError(file, error);
    if (known?.code !== 'db_locked') throw known ?? error;
    const { pid, program } = parseLockHolder(error) ?? { pid: 0, program: 'another program' };
    const { isStopped } = processState(pid);
    return { holder: { pid, program, since: lockTakenAt(dataRoot), isStopped } };
  }
}

/**
 * Error for a lock file that is not ours. It differs from the one for a warehouse because the lock
 * file contains no data.
 */
function notALockFileError(file: string, cause: unknown): StepError {
  return new StepError(
    'db_corrupt',
    `Could not take the writer lock: ${file} is no lock file of ours. Stop all workers of this data root, move it away (it holds no data), and start them again.`,
    { cause },
  );
}
