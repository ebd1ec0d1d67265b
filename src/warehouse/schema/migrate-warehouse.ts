/**
 * Migrates the warehouse of an older program to this program's schema, on a copy that then replaces
 * it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import { dataRootPaths } from '../../files/data-root';
import { asDiskError } from '../../files/disk-errors';
import { attachReadWrite, attachReadOnly } from '../database-file/attach';
import type { WarehouseContext } from '../warehouse-context';
import type { Database } from '../driver/database';
import { asWarehouseError, rebuildAdvice } from '../driver/duckdb-errors';
import { formerWarehouse, keepFormer } from './former-warehouse';
import { checkBeforeOpening } from '../database-file/check-before-opening';
import { replaceByCopy } from '../database-file/private-copy';
import { readSchemaVersion } from './ensure-schema';
import { applyMigrations, latestVersion } from './migrations';

/**
 * Migrates an older warehouse and leaves any other alone. Must be called before the first write by
 * the process that holds the writer lock. A migration that was interrupted starts again.
 *
 * The migration is not made in place because DuckDB 1.5.6 cannot open a file whose writer was
 * killed after certain statements (ADD COLUMN … DEFAULT current_timestamp, ALTER TYPE). Instead,
 * the closed file is copied to `tmp/` and migrated there, one transaction per version. The copy is
 * then checkpointed, opened again to check it, and synced. Finally the former file gets a second
 * name, and the copy is renamed to the first. A kill leaves the former warehouse or the new one,
 * and files in `tmp/`.
 *
 * @throws StepError `db_locked` when another program has the file open or wrote it during the
 *   migration; db_*, disk_*. After an error the warehouse is unchanged.
 */
export async function migrateWarehouse(context: WarehouseContext): Promise<void> {
  const { database, dataRoot, log } = context;
  const { warehouse } = dataRootPaths(dataRoot);
  const to = latestVersion(context.schema.migrations);
  const from = await translateErrors(dataRoot, `read the schema version of ${warehouse}`, () =>
    readWarehouseVersion(database, dataRoot),
  );
  if (from === null || from >= to) return;
  await translateErrors(dataRoot, `migrate ${warehouse} from schema version ${from} to ${to}`, () =>
    migrateCopy(context, from, to),
  );
  const former = path.basename(formerWarehouse(dataRoot, from));
  log.info({ from, to, former }, 'the warehouse was migrated; the former file is kept for now');
}

/**
 * Translates errors. An error that comes neither from the disk nor from the file means that a
 * statement does not match the content of the file.
 */
async function translateErrors<T>(
  dataRoot: string,
  what: string,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw (
      asDiskError(error, what) ??
      asWarehouseError(error, what, dataRoot) ??
      new StepError(
        'db_corrupt',
        `Could not ${what}: ${message}. It is as it was, and the artemis-pipeline that wrote it still works with it. Report this. ${rebuildAdvice(dataRoot)}.`,
        { cause: error },
      )
    );
  }
}

/**
 * Reads the schema version of the warehouse. Attaching the file applies the write-ahead log of a
 * killed writer, so the file can be copied afterwards.
 */
async function readWarehouseVersion(database: Database, dataRoot: string): Promise<number | null> {
  const { warehouse } = dataRootPaths(dataRoot);
  await checkBeforeOpening(database, dataRoot);
  if (!fs.existsSync(warehouse)) return null;
  await attachReadWrite(database, warehouse, 'migrating');
  return readVersionAndDetach(database, warehouse);
}

/**
 * Reads the version of the file that is attached as `migrating`. After an error it stays attached,
 * and the caller must close the database.
 */
async function readVersionAndDetach(database: Database, file: string): Promise<number | null> {
  await database.run('USE migrating');
  const version = await readSchemaVersion(database, file);
  await database.run('USE memory; DETACH migrating');
  return version;
}

async function migrateCopy(context: WarehouseContext, from: number, to: number): Promise<void> {
  const { database, dataRoot, schema } = context;
  await replaceByCopy({
    database,
    dataRoot,
    operation: () => applyMigrations(database, schema.migrations, from),
    beforeSwap: async (copy) => {
      await checkCopy(database, copy, to);
      keepFormer(dataRoot, from);
    },
  });
}

/** Opens the migrated copy again: a file that cannot be opened must not replace the warehouse. */
async function checkCopy(database: Database, copy: string, to: number): Promise<void> {
  if (!fs.existsSync(`${copy}.wal`)) {
    await attachReadOnly(database, copy, 'migrating');
    if ((await readVersionAndDetach(database, copy)) === to) return;
  }
  throw new StepError(
    'db_corrupt',
    `The migrated copy ${copy} is not whole. The warehouse is as it was: retry the step, and report this if it comes again.`,
  );
}
