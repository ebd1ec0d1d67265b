/** The database of a planning process: the snapshot in its scratch folder, and little memory. */
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { asStepError } from '../processes/process-failure';
import { openLockedDatabase } from '../processes/locked-database';
import { StepError } from '../contract/errors';
import { SNAPSHOT_NAME, type PlanJob } from './plan-job';

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
  await attachSnapshot(connection);
}

async function attachSnapshot(connection: DuckDBConnection): Promise<void> {
  try {
    await connection.run(`ATTACH '${SNAPSHOT_NAME}' AS snapshot (READ_ONLY)`);
  } catch (error) {
    const { code, message } = asStepError(error, 'db_corrupt');
    throw new StepError(
      code,
      `Planning from warehouse.snapshot.duckdb: it cannot be opened (${message}). Publish it again, or run \`rebuild\`.`,
      { cause: error },
    );
  }
}
