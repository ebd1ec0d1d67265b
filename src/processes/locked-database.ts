/** An in-memory DuckDB that reaches one folder and a few named files, and nothing else. */
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import '../duckdb/keep-byte-order-marks';

export interface LockedDatabaseOptions {
  readonly memory: string;
  readonly threads: number;
  /** The one folder that may be read and written; also takes what does not fit in memory. */
  readonly folder: string;
  /** Further files that may be read. */
  readonly files: readonly string[];
  /** What needs more rights (ATTACH): run before the lock. */
  readonly before?: (connection: DuckDBConnection) => Promise<void>;
}

/**
 * Opens and locks the database. Links are followed by DuckDB before it checks, so one that leads out is refused too.
 *
 * **Errors** DuckDB's own.
 * **Source** DuckDB's guide "Securing DuckDB"; every refusal is tried in locked-database.test.ts.
 */
export async function openLockedDatabase(options: LockedDatabaseOptions): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: options.memory,
    threads: String(options.threads),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: `${options.folder}/spill`,
  });
  const connection = await instance.connect();
  try {
    await options.before?.(connection);
    await connection.run(`SET allowed_directories = [${literal(options.folder)}]`);
    await connection.run(`SET allowed_paths = [${options.files.map(literal).join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
  } finally {
    connection.closeSync();
  }
  return instance;
}

/** Text as an SQL string. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
