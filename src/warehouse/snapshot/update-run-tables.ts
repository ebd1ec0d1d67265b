/** Brings the tables about runs up to date in a copy of the snapshot, whose content is current. */
import { dataRootPaths } from '../../files/data-root';
import { attachReadOnly } from '../database-file/attach';
import { checkBeforeOpening } from '../database-file/check-before-opening';
import { writtenMeanwhileError } from '../database-file/copy-closed-file';
import { fileSignature } from '../database-file/file-signature';
import type { Database } from '../driver/database';

/** What a run writes that changes no image, outcome, feature or catalog row. */
const RUN_TABLES = ['etl_run', 'etl_step', 'catalog_reject'] as const;

/**
 * Replaces these tables of the current database by those of the warehouse. A table is emptied in a
 * transaction of its own, because DuckDB refuses a key that the same transaction has deleted.
 *
 * @param signature that of the warehouse.
 * @throws StepError `db_locked` when another program wrote the warehouse meanwhile; DuckDB's
 *   errors.
 */
export async function updateRunTables(
  database: Database,
  dataRoot: string,
  signature: string,
): Promise<void> {
  const { warehouse } = dataRootPaths(dataRoot);
  await checkBeforeOpening(database, dataRoot);
  await attachReadOnly(database, warehouse, 'live');
  for (const table of RUN_TABLES) {
    await database.run(`DELETE FROM ${table}`);
    await database.run(`INSERT INTO ${table} FROM live.${table}`);
  }
  await database.run('DETACH live');
  if (fileSignature(warehouse) !== signature)
    throw writtenMeanwhileError(warehouse, 'the snapshot was made');
}
