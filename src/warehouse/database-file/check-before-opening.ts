/**
 * Checks the warehouse before it is opened, because DuckDB accepts some unsuitable files without an
 * error.
 */
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import { dataRootPaths } from '../../files/data-root';
import type { Database } from '../driver/database';
import { rebuildAdvice } from '../driver/duckdb-errors';
import { examineWal } from './examine-wal';
import { moveAside } from './move-aside';

/**
 * Checks the warehouse and its write-ahead log. Only checks names and sizes, unless there is a log,
 * which is read.
 *
 * @throws StepError `db_corrupt` for a folder or an empty file (a warehouse is never empty because
 *   it is created by a rename); `db_wal_corrupt` for a log that is damaged, belongs to another
 *   file, or has no file, and was moved aside; `db_locked`.
 */
export async function checkBeforeOpening(database: Database, dataRoot: string): Promise<void> {
  const { warehouse } = dataRootPaths(dataRoot);
  const wal = `${warehouse}.wal`;
  const stat = fs.statSync(warehouse, { throwIfNoEntry: false });
  if (stat !== undefined && (!stat.isFile() || stat.size === 0))
    throw notAWarehouseError(dataRoot, stat);
  if (!fs.existsSync(wal)) return;
  if (stat === undefined) throw orphanedLogError(warehouse, wal);
  await examineWal({ database, dataRoot, warehouse, wal });
}

function notAWarehouseError(dataRoot: string, stat: fs.Stats): StepError {
  const { warehouse } = dataRootPaths(dataRoot);
  const problem = stat.isFile() ? 'is an empty file' : 'is not a file';
  return new StepError(
    'db_corrupt',
    `Could not open ${warehouse}: it ${problem}, not a warehouse. ${rebuildAdvice(dataRoot)}.`,
  );
}

/** The log is moved aside because DuckDB deletes a log whose database is missing. */
function orphanedLogError(warehouse: string, wal: string): StepError {
  const aside = moveAside(wal);
  return new StepError(
    'db_wal_corrupt',
    `${warehouse} is gone, but its write-ahead log was there; it is kept as ${path.basename(aside)}. Restore the database file beside it (named as before) to get both back; or retry the step: a new warehouse is made from what catalogs and ledgers hold.`,
  );
}
