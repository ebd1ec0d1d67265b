/** The locked database in which groups of images are found. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { attachDerivedFile, attachSnapshot } from '../../processes/attached-files';
import { SNAPSHOT_NAME } from '../../processes/scratch-snapshot';
import { openLockedConnection, type LockedConnection } from '../../processes/locked-database';
import { CLUSTERS_NAME, type ClusterJob } from '../cluster-job';

/**
 * Opens an in-memory database that reads the snapshot and writes the derived file, both in the
 * working folder.
 *
 * @throws StepError `db_corrupt`, `db_memory`, disk_*.
 */
export function openClusterConnection(database: ClusterJob['database']): Promise<LockedConnection> {
  return openLockedConnection({
    ...database,
    folder: process.cwd(),
    files: [],
    before: async (connection) => {
      await attachSnapshot(connection, SNAPSHOT_NAME, 'Finding groups of images');
      await attachDerivedFile(connection, CLUSTERS_NAME);
    },
  });
}

/** @returns the value of the first column of the first row as a number; 0 without rows. */
export async function queryNumber(connection: DuckDBConnection, sql: string): Promise<number> {
  return Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? 0);
}
