/** The database of a planning process: the snapshot in its scratch folder, and little memory. */
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { attachSnapshot } from '../processes/attached-files';
import { openLockedDatabase } from '../processes/locked-database';
import { SNAPSHOT_NAME } from '../processes/scratch-snapshot';
import type { PlanJob } from './plan-job';

/**
 * With a million entries, DuckDB is as fast with this limit as with 2 GB, because it sorts on disk.
 * The process then needs about 800 MB (bench/plan-scale.mjs).
 */
const MAX_DATABASE_MEMORY = '600MB';

/** Opens the in-memory database of this process with the snapshot attached as `snapshot`. */
export function openSnapshotDatabase(database: PlanJob['database']): Promise<DuckDBInstance> {
  return openLockedDatabase({
    ...database,
    folder: process.cwd(),
    files: [],
    before: prepareConnection,
  });
}

async function prepareConnection(connection: DuckDBConnection): Promise<void> {
  const isMemoryAboveLimit = await connection.runAndReadAll(
    `SELECT parse_formatted_bytes(current_setting('memory_limit')) > parse_formatted_bytes('${MAX_DATABASE_MEMORY}')`,
  );
  if (isMemoryAboveLimit.getRows()[0]?.[0] === true) {
    await connection.run(`SET memory_limit = '${MAX_DATABASE_MEMORY}'`);
  }
  await attachSnapshot(connection, SNAPSHOT_NAME, 'Planning');
}
