/** Attaches warehouse files, the live one or a copy, always in the same way: as DuckDB's, whatever they look like (no extension is asked for). */
import type { Database } from '../driver/database';
import { literal } from '../driver/database';
import { STORAGE_VERSION } from '../driver/storage-version';

/** Opens `file` for writing as the database `name`: its lock is held until it is detached. **Errors** DuckDB's own. */
export function attach(database: Database, file: string, name: string): Promise<void> {
  return database.run(
    `ATTACH ${literal(file)} AS ${name} (TYPE duckdb, STORAGE_VERSION '${STORAGE_VERSION.name}')`,
  );
}

/** Opens `file` for reading only: nothing of it is changed, its write-ahead log neither. **Errors** DuckDB's own. */
export function attachReadOnly(database: Database, file: string, name: string): Promise<void> {
  return database.run(`ATTACH ${literal(file)} AS ${name} (TYPE duckdb, READ_ONLY)`);
}
