/**
 * Attaches the warehouse or a copy of it, always with the same options. The explicit type prevents
 * DuckDB from guessing another one, for which it would load an extension.
 */
import type { Database } from '../driver/database';
import { literal } from '../../duckdb/sql-text';
import { STORAGE_VERSION } from '../driver/storage-version';

/**
 * Opens `file` for writing as the database `name`. DuckDB holds its lock until it is detached.
 *
 * @throws DuckDB's errors.
 */
export function attachReadWrite(database: Database, file: string, name: string): Promise<void> {
  return database.run(
    `ATTACH ${literal(file)} AS ${name} (TYPE duckdb, STORAGE_VERSION '${STORAGE_VERSION.name}')`,
  );
}

/**
 * Opens `file` read-only. Neither the file nor its write-ahead log is changed.
 *
 * @throws DuckDB's errors.
 */
export function attachReadOnly(database: Database, file: string, name: string): Promise<void> {
  return database.run(`ATTACH ${literal(file)} AS ${name} (TYPE duckdb, READ_ONLY)`);
}
