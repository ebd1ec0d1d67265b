/**
 * The files of a process that computes tables: the snapshot that it reads, and its derived file.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { StepError } from '../contract/errors';
import { literal } from '../duckdb/sql-text';
import { openLockedConnection, type LockedConnection } from './locked-database';
import { asStepError } from './process-failure';
import { SNAPSHOT_NAME } from './scratch-snapshot';

/**
 * The format that the snapshot has too, whose publication copies the tables
 * (src/warehouse/driver/storage-version.ts).
 */
const STORAGE_VERSION = 'v1.0.0';

/** What the tables of a derived file were computed from. */
export interface Origin {
  /** The run that computed them. */
  readonly runId: string;
  /** A digest of all that they depend on. */
  readonly fingerprint: string;
}

/**
 * Attaches a snapshot read-only, as `snapshot`.
 *
 * @param task what the process does, for messages.
 * @throws StepError `db_corrupt`, `db_memory`, disk_*.
 */
export async function attachSnapshot(
  connection: DuckDBConnection,
  file: string,
  task: string,
): Promise<void> {
  try {
    await connection.run(`ATTACH ${literal(file)} AS snapshot (READ_ONLY)`);
  } catch (error) {
    const { code, message } = asStepError(error, 'db_corrupt');
    throw new StepError(
      code,
      `${task} from warehouse.snapshot.duckdb: it cannot be opened (${message}). Publish it again, or run \`rebuild\`.`,
      { cause: error },
    );
  }
}

/**
 * Creates a derived file and attaches it, as `derived`.
 *
 * @throws StepError disk_*; `db_corrupt` for other errors of DuckDB.
 */
export async function attachDerivedFile(connection: DuckDBConnection, file: string): Promise<void> {
  try {
    await connection.run(
      `ATTACH ${literal(file)} AS derived (STORAGE_VERSION '${STORAGE_VERSION}')`,
    );
  } catch (error) {
    throw asStepError(error, 'db_corrupt');
  }
}

/**
 * Opens an in-memory database that reads the snapshot and writes a new derived file, both in the
 * working folder.
 *
 * @param options.derived the name of the derived file.
 * @param options.files further files that it may read.
 * @param options.task what the process does, for messages.
 * @throws StepError `db_corrupt`, `db_memory`, disk_*.
 */
export function openDerivedConnection(options: {
  readonly database: { readonly memory: string; readonly threads: number };
  readonly derived: string;
  readonly files: readonly string[];
  readonly task: string;
}): Promise<LockedConnection> {
  const { database, derived, files, task } = options;
  return openLockedConnection({
    ...database,
    folder: process.cwd(),
    files,
    before: async (connection) => {
      await attachSnapshot(connection, SNAPSHOT_NAME, task);
      await attachDerivedFile(connection, derived);
    },
  });
}

/**
 * Adds the table `derived_from` to the derived file, with a row for each of its other tables.
 *
 * @param origin null for tables that no run computed, which get no rows.
 */
export async function recordOrigin(
  connection: DuckDBConnection,
  origin: Origin | null,
): Promise<void> {
  await connection.run(
    `CREATE TABLE derived.main.derived_from (table_name VARCHAR, run_id VARCHAR, fingerprint VARCHAR,
       computed_at TIMESTAMP)`,
  );
  if (origin === null) return;
  await connection.run(
    `INSERT INTO derived.main.derived_from
     SELECT table_name, $1, $2, now() AT TIME ZONE 'UTC' FROM duckdb_tables()
     WHERE database_name = 'derived' AND table_name <> 'derived_from'`,
    [origin.runId, origin.fingerprint],
  );
}

/**
 * @returns the fingerprint of each derived table of the snapshot, in the order of their names; none
 *   for a snapshot that was published before the first derived file.
 */
export async function publishedFingerprints(
  connection: DuckDBConnection,
): Promise<ReadonlyMap<string, string>> {
  const present = await connection.runAndReadAll(
    "SELECT 1 FROM duckdb_tables() WHERE database_name = 'snapshot' AND table_name = 'derived_from'",
  );
  if (present.currentRowCount === 0) return new Map();
  const rows = await connection.runAndReadAll(
    'SELECT table_name, fingerprint FROM snapshot.main.derived_from ORDER BY table_name',
  );
  return new Map(
    rows.getRows().map(([table, fingerprint]) => [String(table), String(fingerprint)]),
  );
}
