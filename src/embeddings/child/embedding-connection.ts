/** The locked database that reads the snapshot and the segments, and writes the new files. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { attachDerivedFile, attachSnapshot } from '../../processes/attached-files';
import { openLockedConnection, type LockedConnection } from '../../processes/locked-database';
import { SNAPSHOT_NAME } from '../../processes/scratch-snapshot';
import { EMBEDDINGS_NAME, type ComputeJob } from '../embedding-job';

/**
 * Opens an in-memory database. The snapshot and the derived file are in the working folder.
 *
 * @throws StepError `db_corrupt`, `db_memory`, disk_*.
 */
export function openEmbeddingConnection({
  database,
  segments,
}: Pick<ComputeJob, 'database' | 'segments'>): Promise<LockedConnection> {
  return openLockedConnection({
    ...database,
    folder: process.cwd(),
    files: segments,
    before: async (connection) => {
      await attachSnapshot(connection, SNAPSHOT_NAME, 'Computing embeddings');
      await attachDerivedFile(connection, EMBEDDINGS_NAME);
    },
  });
}

/** @returns the value of the first column of the first row as a number; 0 without rows. */
export async function queryNumber(connection: DuckDBConnection, sql: string): Promise<number> {
  return Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? 0);
}
