/**
 * An in-memory DuckDB database that can open the files of one folder and a few named files, and
 * nothing else.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import '../duckdb/keep-byte-order-marks';
import { literal } from '../duckdb/sql-text';

export interface LockedDatabaseOptions {
  readonly memory: string;
  readonly threads: number;
  /**
   * The only folder that may be read and written. DuckDB also writes to it what exceeds its memory.
   */
  readonly folder: string;
  /** Further files that may be read and written. */
  readonly files: readonly string[];
  /** Work that needs more rights, such as ATTACH. It runs before the database is locked. */
  readonly before?: (connection: DuckDBConnection) => Promise<void>;
}

/** A locked database with the connection that {@link LockedDatabaseOptions.before} prepared. */
export interface LockedConnection {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

/**
 * Opens the database and locks it. DuckDB resolves symbolic links before it checks a path, so a
 * link that leads out of the folder is refused too. The test locked-database.test.ts tries every
 * refusal.
 *
 * A file that is attached stays within reach of `COPY … TO` with `USE_TMP_FILE false`, even when it
 * is attached read-only (DuckDB 1.5.5). Code that runs users' statements must therefore accept only
 * a SELECT, and attach a copy of the file.
 *
 * @throws DuckDB's errors.
 * @see DuckDB's guide "Securing DuckDB"
 */
export async function openLockedDatabase(options: LockedDatabaseOptions): Promise<DuckDBInstance> {
  const { instance, connection } = await openLockedConnection(options);
  connection.closeSync();
  return instance;
}

/**
 * The same for callers that need settings of one connection, such as `search_path`, which the
 * option `before` can make.
 *
 * @throws DuckDB's errors.
 */
export async function openLockedConnection(
  options: LockedDatabaseOptions,
): Promise<LockedConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: options.memory,
    threads: String(options.threads),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: `${options.folder}/spill`,
  });
  const connection = await instance.connect();
  try {
    // GeoParquet before 1.0 describes its geometries otherwise; without this it would be refused.
    await connection.run('SET GLOBAL enable_geoparquet_conversion = false');
    await options.before?.(connection);
    await connection.run(`SET allowed_directories = [${literal(options.folder)}]`);
    await connection.run(`SET allowed_paths = [${options.files.map(literal).join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
  } catch (error) {
    connection.closeSync();
    instance.closeSync();
    throw error;
  }
  return { instance, connection };
}

/** @returns the values of the first column as texts. */
export async function queryTexts(
  connection: DuckDBConnection,
  sql: string,
): Promise<readonly string[]> {
  return (await connection.runAndReadAll(sql)).getRows().map(([value]) => String(value));
}

/** @returns the value of the first column of the first row as a number; 0 without rows. */
export async function queryNumber(connection: DuckDBConnection, sql: string): Promise<number> {
  return Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? 0);
}
