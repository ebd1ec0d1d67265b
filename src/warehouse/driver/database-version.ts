/** Determines the version of DuckDB that the configured driver contains. */
import type { DatabaseConfig } from '../../config';
import { firstRow } from './database';
import { openDatabase } from './open-database';

/**
 * The version as DuckDB reports it, for example "v1.5.5". Opens no file.
 *
 * @throws DriverMissing; DuckDB's errors.
 */
export async function databaseVersion(config: DatabaseConfig): Promise<string> {
  const database = await openDatabase(config, '');
  try {
    const { version } = await firstRow(database, 'SELECT version() AS version');
    return String(version);
  } finally {
    await database.close();
  }
}
