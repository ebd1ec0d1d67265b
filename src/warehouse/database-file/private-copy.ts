/**
 * Long changes of the warehouse are made on a copy that nobody knows of, which then takes the file's place by one rename:
 * the lock is held for the rename alone, and a kill leaves the old file or the new one.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dataRootPaths } from '../../files/data-root';
import { ensureDirectory, syncDirectory } from '../../files/directories';
import { tempName } from '../../files/temp-names';
import { attach } from './attach';
import { copyClosedFile, syncFile, writtenMeanwhile } from './copy-closed-file';
import type { Database } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { signatureOf } from './file-signature';
import { ensureSchema } from '../schema/ensure-schema';
import type { WarehouseSchema } from '../schema/warehouse-schema';

/** How long a finished copy waits for another program to let the file go. */
const PATIENCE_MS = 2_000;

interface CopyOptions<T> {
  readonly database: Database;
  readonly dataRoot: string;
  readonly work: () => Promise<T>;
}

interface Swapped<T> {
  readonly value: T;
  /** Of the swap. **Units** ms. */
  readonly lockHeldMs: number;
}

/**
 * {@link replaceByCopy} for a warehouse of this program's schema; a new one is made when there is none.
 *
 * **Errors** as there; StepError `db_newer`, `db_corrupt` for a file of another schema.
 */
export function onPrivateCopy<T>(
  options: CopyOptions<T> & { readonly schema: WarehouseSchema },
): Promise<Swapped<T>> {
  const { database, dataRoot, schema, work } = options;
  return replaceByCopy({
    ...options,
    work: async () => {
      await ensureSchema(database, dataRootPaths(dataRoot).warehouse, schema.migrations);
      return work();
    },
  });
}

/**
 * Runs `work` on a copy of the closed warehouse (an empty file when there is none), attached as the current database `warehouse`,
 * and puts it in place. The warehouse must have no write-ahead log. `beforeSwap` gets the finished copy, closed and on the disk.
 *
 * **Errors** StepError `db_locked` when another program has, or had, the warehouse open: its own changes are kept, ours are not
 * made; db_*, disk_*; `work`'s own. The copy is removed.
 */
export async function replaceByCopy<T>(
  options: CopyOptions<T> & { readonly beforeSwap?: (copy: string) => Promise<void> },
): Promise<Swapped<T>> {
  const { database } = options;
  const { tmp, warehouse } = dataRootPaths(options.dataRoot);
  const copy = path.join(tmp, `${tempName('warehouse')}.duckdb`);
  try {
    ensureDirectory(tmp);
    const copied = fs.existsSync(warehouse) ? await copyClosedFile(warehouse, copy) : null;
    await attach(database, copy, 'warehouse');
    await database.run('USE warehouse');
    const value = await options.work();
    await database.run('USE memory; DETACH warehouse');
    syncFile(copy);
    await options.beforeSwap?.(copy);
    return { value, lockHeldMs: await swap(database, { copy, warehouse, copied }) };
  } catch (error) {
    throw asWarehouseError(error, `prepare a new ${warehouse}`) ?? error;
  } finally {
    fs.rmSync(copy, { force: true });
    fs.rmSync(`${copy}.wal`, { force: true });
  }
}

/**
 * Holds DuckDB's own lock on the old file across the rename: a program that has it open, for writing or for reading, makes it fail,
 * and whoever opens it afterwards gets the new one. Without it, what a shell goes on to write would be lost with the old inode.
 */
async function swap(
  database: Database,
  files: { readonly copy: string; readonly warehouse: string; readonly copied: string | null },
): Promise<number> {
  const { copy, warehouse, copied } = files;
  if (copied !== null) await attachPatiently(database, warehouse);
  const since = performance.now();
  if (signatureOf(warehouse) !== copied || fs.existsSync(`${warehouse}.wal`))
    throw writtenMeanwhile(warehouse, 'its successor was prepared');
  // Windows refuses to replace an open file; there the lock is let go a moment before.
  const isOpenLonger = copied !== null && process.platform !== 'win32';
  if (copied !== null && !isOpenLonger) await database.run('DETACH former');
  fs.renameSync(copy, warehouse);
  const lockHeldMs = Math.round(performance.now() - since);
  syncDirectory(path.dirname(warehouse));
  // The old file has no name any more: nobody waits for it.
  if (isOpenLonger) await database.run('DETACH former');
  return lockHeldMs;
}

/** Somebody may just be looking: what was prepared took longer than such a look. */
async function attachPatiently(database: Database, warehouse: string): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await attach(database, warehouse, 'former');
      return;
    } catch (error) {
      const isLocked = asWarehouseError(error, 'lock it')?.code === 'db_locked';
      if (!isLocked || Date.now() > giveUpAt) throw error;
    }
    await delay(50);
  }
}
