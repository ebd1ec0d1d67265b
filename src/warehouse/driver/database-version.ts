/** Which DuckDB the configured driver brings. */
import type { DatabaseConfig } from '../../config';
import { firstRow } from './database';
import { openDatabase } from './open-database';

/** As DuckDB says it: "v1.5.5". Opens no file. **Errors** those of opening: a driver that is not there. */
export async function databaseVersion(config: DatabaseConfig): Promise<string> {
  const database = await openDatabase(config, '');
  try {
    const { version } = await firstRow(database, 'SELECT version() AS version');
    return String(version);
  } finally {
    await database.close();
  }
}
