/**
 * Long changes of the warehouse are made on a private copy, which then replaces the file by one
 * rename. The lock is held only for the rename, and a kill leaves the old file or the new one.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dataRootPaths } from '../../files/data-root';
import { ensureDirectory, syncDirectory, syncFile } from '../../files/directories';
import { tempName } from '../../files/temp-names';
import { attachReadWrite } from './attach';
import { copyClosedFile, writtenMeanwhileError } from './copy-closed-file';
import type { Database } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { fileSignature } from './file-signature';
import { ensureSchema } from '../schema/ensure-schema';
import type { WarehouseSchema } from '../schema/warehouse-schema';

/** How long, in ms, a finished copy waits for another program to close the file. */
const LOCK_PATIENCE_MS = 2_000;

interface CopyOptions<T> {
  readonly database: Database;
  readonly dataRoot: string;
  readonly operation: () => Promise<T>;
}

interface SwapResult<T> {
  readonly value: T;
  /** How long, in ms, the swap held the lock. */
  readonly lockHeldMs: number;
}

/**
 * Changes a warehouse of this program's schema by {@link replaceByCopy}, and creates it if there is
 * none.
 *
 * @throws the same errors as {@link replaceByCopy}; StepError `db_newer`, `db_corrupt` for a file
 *   with another schema.
 */
export function onPrivateCopy<T>(
  options: CopyOptions<T> & { readonly schema: WarehouseSchema },
): Promise<SwapResult<T>> {
  const { database, dataRoot, schema, operation } = options;
  return replaceByCopy({
    ...options,
    operation: async () => {
      await ensureSchema(database, dataRootPaths(dataRoot).warehouse, schema.migrations);
      return operation();
    },
  });
}

/**
 * Runs an operation on a copy of the closed warehouse, attached as the current database
 * `warehouse`, and replaces the warehouse by the copy. The copy is empty when there is no
 * warehouse. The warehouse must not have a write-ahead log.
 *
 * @param options.beforeSwap called with the path of the finished copy, which is closed and durable.
 * @throws StepError `db_locked` when another program has, or had, the warehouse open. Its changes
 *   are kept, and ours are not made. Also db_*, disk_*, and the errors of the operation. The copy
 *   is removed.
 */
export async function replaceByCopy<T>(
  options: CopyOptions<T> & { readonly beforeSwap?: (copy: string) => Promise<void> },
): Promise<SwapResult<T>> {
  const { database } = options;
  const { tmp, warehouse } = dataRootPaths(options.dataRoot);
  const copy = path.join(tmp, `${tempName('warehouse')}.duckdb`);
  try {
    ensureDirectory(tmp);
    const copied = fs.existsSync(warehouse) ? await copyClosedFile(warehouse, copy) : null;
    await attachReadWrite(database, copy, 'warehouse');
    await database.run('USE warehouse');
    const value = await options.operation();
    await database.run('USE memory; DETACH warehouse');
    syncFile(copy);
    await options.beforeSwap?.(copy);
    return { value, lockHeldMs: await swapFiles(database, { copy, warehouse, copied }) };
  } catch (error) {
    throw asWarehouseError(error, `prepare a new ${warehouse}`, options.dataRoot) ?? error;
  } finally {
    fs.rmSync(copy, { force: true });
    fs.rmSync(`${copy}.wal`, { force: true });
  }
}

/**
 * Replaces the warehouse by the copy while DuckDB's own lock is held on the old file. The lock
 * cannot be acquired while another program has the file open for reading or writing, and a program
 * that opens it afterwards gets the new file. Without the lock, changes that a shell makes later
 * would be lost with the old inode.
 */
async function swapFiles(
  database: Database,
  files: { readonly copy: string; readonly warehouse: string; readonly copied: string | null },
): Promise<number> {
  const { copy, warehouse, copied } = files;
  if (copied !== null) await attachWithRetries(database, warehouse);
  const lockedAt = performance.now();
  if (fileSignature(warehouse) !== copied || fs.existsSync(`${warehouse}.wal`))
    throw writtenMeanwhileError(warehouse, 'its successor was prepared');
  // Windows refuses to replace an open file. There the lock is released immediately before the
  // rename.
  const isOpenLonger = copied !== null && process.platform !== 'win32';
  if (copied !== null && !isOpenLonger) await database.run('DETACH former');
  fs.renameSync(copy, warehouse);
  const lockHeldMs = Math.round(performance.now() - lockedAt);
  syncDirectory(path.dirname(warehouse));
  // The old file has no name any more, so no program waits for it.
  if (isOpenLonger) await database.run('DETACH former');
  return lockHeldMs;
}

/**
 * Attaches the old file, and retries for a while: preparing the copy took longer than another
 * program needs for a short query.
 */
async function attachWithRetries(database: Database, warehouse: string): Promise<void> {
  const giveUpAt = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      await attachReadWrite(database, warehouse, 'former');
      return;
    } catch (error) {
      const isLocked = asWarehouseError(error, 'lock it', null)?.code === 'db_locked';
      if (!isLocked || Date.now() > giveUpAt) throw error;
    }
    await delay(50);
  }
}
