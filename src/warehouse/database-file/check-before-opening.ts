/** Looks at the warehouse before it is opened: DuckDB takes some files for what they are not, without a word. */
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import { dataRootPaths } from '../../files/data-root';
import type { Database } from '../driver/database';
import { REBUILD } from '../driver/duckdb-errors';
import { examineWal } from './examine-wal';
import { moveAside } from './move-aside';

/**
 * Costs a few looks at names; only a write-ahead log that is there is read.
 *
 * **Errors** StepError `db_corrupt` for a folder or an empty file (ours are never empty: they come by rename); `db_wal_corrupt` for
 * a log that is damaged, of another file, or without its file, which is moved aside; `db_locked`.
 */
export async function checkBeforeOpening(database: Database, dataRoot: string): Promise<void> {
  const { warehouse } = dataRootPaths(dataRoot);
  const wal = `${warehouse}.wal`;
  const stat = fs.statSync(warehouse, { throwIfNoEntry: false });
  if (stat !== undefined && (!stat.isFile() || stat.size === 0)) throw noWarehouse(warehouse, stat);
  if (!fs.existsSync(wal)) return;
  if (stat === undefined) throw orphanedWal(warehouse, wal);
  await examineWal({ database, dataRoot, warehouse, wal });
}

function noWarehouse(warehouse: string, stat: fs.Stats): StepError {
  const seen = stat.isFile() ? 'is an empty file' : 'is not a file';
  return new StepError(
    'db_corrupt',
    `Could not open ${warehouse}: it ${seen}, not a warehouse. ${REBUILD}.`,
  );
}

/** DuckDB deletes a WAL whose database is gone. */
function orphanedWal(warehouse: string, wal: string): StepError {
  const aside = moveAside(wal);
  return new StepError(
    'db_wal_corrupt',
    `${warehouse} is gone, but its write-ahead log was there; it is kept as ${path.basename(aside)}. Restore the database file beside it (named as before) to get both back; or retry the step: a new warehouse is made from what catalogs and ledgers hold.`,
  );
}
