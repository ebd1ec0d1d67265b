/**
 * The writer lock: for its whole life the warehouse worker holds `warehouse.lock`, a tiny DuckDB file, open.
 * Its POSIX lock dies with the process. Nothing else in the process may open the file: closing it would drop the lock.
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
import { asWarehouseError, lockHolder } from './driver/duckdb-errors';

export interface WriterLock {
  release(): Promise<void>;
}

export interface WriterLockOptions {
  readonly dataRoot: string;
  /** Called once for every holder that is in the way, and again when it was stopped. */
  readonly onWaiting: (holder: LockHolder) => void;
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
  await makeLockFile(options.dataRoot);
  let told = '';
  for (;;) {
    const attempt = await tryLock(options.dataRoot);
    if ('lock' in attempt) return attempt.lock;
    const key = `${attempt.holder.pid} ${attempt.holder.isStopped}`;
    if (key !== told) options.onWaiting(attempt.holder);
    told = key;
    await delay(TRY_EVERY_MS, undefined, { signal: options.signal });
  }
}

/**
 * The file appears whole, by a link: one that DuckDB makes in place is empty for a moment, and then no DuckDB file to a
 * second process, nor to anybody after a kill in that moment.
 */
async function makeLockFile(dataRoot: string): Promise<void> {
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
    const known = asWarehouseError(error, `take the writer lock ${file}`);
    if (known?.code === 'db_corrupt' || known?.code === 'db_newer') throw noLockFile(file, error);
    if (known?.code !== 'db_locked') throw known ?? error;
    const { pid, program } = lockHolder(error) ?? { pid: 0, program: 'another program' };
    const { isStopped } = processState(pid);
    return { holder: { pid, program, since: lockTakenAt(dataRoot), isStopped } };
  }
}

/** Not what is said of a warehouse: the lock file holds no data. */
function noLockFile(file: string, cause: unknown): StepError {
  return new StepError(
    'db_corrupt',
    `Could not take the writer lock: ${file} is no lock file of ours. Stop all workers of this data root, move it away (it holds no data), and start them again.`,
    { cause },
  );
}
