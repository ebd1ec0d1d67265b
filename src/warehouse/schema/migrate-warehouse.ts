/** Brings the warehouse of an older program to this one's schema: on a copy, which then takes its place. */
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import { dataRootPaths } from '../../files/data-root';
import { asDiskError } from '../../files/disk-errors';
import { attach, attachReadOnly } from '../database-file/attach';
import type { WarehouseContext } from '../warehouse-context';
import type { Database } from '../driver/database';
import { asWarehouseError, REBUILD } from '../driver/duckdb-errors';
import { formerWarehouse, keepFormer } from './former-warehouse';
import { checkBeforeOpening } from '../database-file/check-before-opening';
import { replaceByCopy } from '../database-file/private-copy';
import { readSchemaVersion } from './ensure-schema';
import { applyMigrations, latestVersion } from './migrations';

/**
 * Migrates an older warehouse; does nothing to any other. For who holds the writer lock, before the first write.
 *
 * Not in place: DuckDB 1.5.6 cannot open a file whose writer was killed after some statements (ADD COLUMN … DEFAULT
 * current_timestamp, ALTER TYPE). So: closed file → copy in `tmp/` → a transaction for each version there → checkpoint → opened again →
 * fsync → the former file is kept under another name → rename. A kill leaves the former warehouse or the new one, and files in `tmp/`.
 *
 * **Idempotency** a warehouse of this program's version is left alone; one whose migration was cut off is migrated anew.
 * **Errors** StepError `db_locked` when another program has it open, or wrote it meanwhile; db_*, disk_*. The warehouse is as it was.
 */
export async function migrateWarehouse(context: WarehouseContext): Promise<void> {
  const { database, dataRoot, log } = context;
  const { warehouse } = dataRootPaths(dataRoot);
  const to = latestVersion(context.schema.migrations);
  const from = await onFile(`read the schema version of ${warehouse}`, () =>
    versionOf(database, dataRoot),
  );
  if (from === null || from >= to) return;
  await onFile(`migrate ${warehouse} from schema version ${from} to ${to}`, () =>
    migrateCopy(context, from, to),
  );
  const former = path.basename(formerWarehouse(dataRoot, from));
  log.info({ from, to, former }, 'the warehouse was migrated; the former file is kept for now');
}

/** An error that is neither the disk's nor the file's is a statement that does not fit what is there. */
async function onFile<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    throw (
      asDiskError(error, what) ??
      asWarehouseError(error, what) ??
      new StepError(
        'db_corrupt',
        `Could not ${what}: ${seen}. It is as it was, and the artemis-pipeline that wrote it still works with it. Report this. ${REBUILD}.`,
        { cause: error },
      )
    );
  }
}

/** Attaching it folds in a write-ahead log that a killed writer left: the file stands alone afterwards. */
async function versionOf(database: Database, dataRoot: string): Promise<number | null> {
  const { warehouse } = dataRootPaths(dataRoot);
  await checkBeforeOpening(database, dataRoot);
  if (!fs.existsSync(warehouse)) return null;
  await attach(database, warehouse, 'migrating');
  return readVersionAndDetach(database, warehouse);
}

/** Of the file that is attached as `migrating`. After an error it is left attached: the caller closes the database. */
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
    work: () => applyMigrations(database, schema.migrations, from),
    beforeSwap: async (copy) => {
      await checkCopy(database, copy, to);
      keepFormer(dataRoot, from);
    },
  });
}

/** What cannot be opened again must not take the warehouse's place. */
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
