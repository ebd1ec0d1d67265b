/**
 * An in-memory DuckDB database that can open the files of one folder and a few named files, and
 * nothing else.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import '../duckdb/keep-byte-order-marks';

export interface LockedDatabaseOptions {
  readonly memory: string;
  readonly threads: number;
  /**
   * The only folder that may be read and written. DuckDB also writes to it what exceeds its memory.
   */
  readonly folder: string;
  /** Further files that may be read. */
  readonly files: readonly string[];
  /** Work that needs more rights, such as ATTACH. It runs before the database is locked. */
  readonly before?: (connection: DuckDBConnection) => Promise<void>;
}

/**
 * Opens the database and locks it. DuckDB resolves symbolic links before it checks a path, so a
 * link that leads out of the folder is refused too. The test locked-database.test.ts tries every
 * refusal.
 *
 * @throws DuckDB's errors.
 * @see DuckDB's guide "Securing DuckDB"
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

/** @returns the text as an SQL string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** @returns the name as a quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
