/** Checks the schema version of the attached warehouse, and creates the tables of a new one. */
import { StepError } from '../../contract/errors';
import type { Database } from '../driver/database';
import { firstRow } from '../driver/database';
import { applyMigrations, latestVersion, type Migration } from './migrations';

/**
 * Creates the tables of a new file, and refuses a file of a newer program. The attached warehouse
 * must be the current database. An older one was already migrated (migrate-warehouse.ts).
 *
 * @throws StepError `db_newer`; `db_corrupt` when the file is another database.
 */
export async function ensureSchema(
  database: Database,
  file: string,
  migrations: readonly Migration[],
): Promise<void> {
  const version = await readSchemaVersion(database, file);
  const latest = latestVersion(migrations);
  if (version === null) await applyMigrations(database, migrations, 0);
  else if (version > latest) {
    throw new StepError(
      'db_newer',
      `${file} has schema version ${version}; this program knows up to ${latest}. Upgrade to an artemis-pipeline that knows version ${version}, or move the file aside. Nothing was written.`,
    );
  } else if (version < latest) {
    throw new Error(
      `${file} came to have schema version ${version} while this worker ran, which works with ${latest}. Start the worker again: it migrates the file.`,
    );
  }
}

/**
 * The schema version of the current database, or null if it has no tables. The lock is held during
 * this call, so the usual case takes one query.
 *
 * @throws StepError `db_corrupt` when the file is another database.
 */
export async function readSchemaVersion(database: Database, file: string): Promise<number | null> {
  try {
    const row = await firstRow(database, 'SELECT max(version) AS version FROM schema_version');
    return Number(row.version);
  } catch (error) {
    const { tables, versions } = await firstRow(
      database,
      `SELECT count(*) AS tables, count(*) FILTER (table_name = 'schema_version') AS versions
       FROM duckdb_tables() WHERE database_name = current_database()`,
    );
    if (Number(tables) === 0) return null;
    if (Number(versions) > 0) throw error;
    throw new StepError(
      'db_corrupt',
      `${file} is a DuckDB file, but not a warehouse of this program: it has no table schema_version. Move it aside, or choose another data root.`,
    );
  }
}
