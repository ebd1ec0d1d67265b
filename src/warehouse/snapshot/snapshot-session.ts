/**
 * Attaches the snapshot read-only to an in-memory database that can access no other file, except
 * where its opener names a folder.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { DatabaseConfig } from '../../config';
import { artemisCommand } from '../../contract/commands/printed-command';
import { dataRootPaths } from '../../files/data-root';
import { tempName } from '../../files/temp-names';
import type { Database } from '../driver/database';
import { literal } from '../../duckdb/sql-text';
import { firstRow } from '../driver/database';
import { NoSnapshot } from './no-snapshot';
import { openDatabase } from '../driver/open-database';

export interface SnapshotOptions {
  readonly dataRoot: string;
  readonly database: DatabaseConfig;
}

export interface SnapshotSessionOptions extends SnapshotOptions {
  /** Absolute path of a folder whose files the operation may read. By default there is none. */
  readonly readableFolder?: string;
}

/**
 * Runs an operation on the snapshot, which is attached as `snapshot` and is the current database.
 *
 * @throws {@link NoSnapshot}; DuckDB's errors.
 */
export async function withSnapshot<T>(
  options: SnapshotSessionOptions,
  operation: (database: Database) => Promise<T>,
): Promise<T> {
  const { snapshot, tmp } = dataRootPaths(options.dataRoot);
  checkSnapshot(options.dataRoot, snapshot);
  const spill = path.join(tmp, tempName('query-spill'));
  const database = await openDatabase(options.database, spill);
  try {
    await database.run(`ATTACH ${literal(snapshot)} AS snapshot (READ_ONLY)`);
    await database.run('USE snapshot');
    if (options.readableFolder !== undefined)
      await database.run(`SET allowed_directories = [${literal(options.readableFolder)}]`);
    // Queries may come from untrusted sources: they may read the snapshot and no other file.
    await database.run('SET enable_external_access = false');
    return await operation(database);
  } finally {
    await database.close();
    fs.rmSync(spill, { recursive: true, force: true });
  }
}

/** Whether the snapshot of a session has the table. Snapshots of older versions lack some. */
export async function hasSnapshotTable(database: Database, table: string): Promise<boolean> {
  const { found } = await firstRow(
    database,
    `SELECT count(*) AS found FROM duckdb_tables() WHERE database_name = 'snapshot' AND table_name = ${literal(table)}`,
  );
  return Number(found) > 0;
}

function checkSnapshot(dataRoot: string, snapshot: string): void {
  if (!fs.existsSync(snapshot)) {
    throw new NoSnapshot(
      `There is no snapshot to query below ${dataRoot} yet: it appears with the first commit of a run. Start one with "${artemisCommand('run CATALOG', dataRoot)}", or name another data root with --data.`,
    );
  }
  if (fs.existsSync(`${snapshot}.wal`)) {
    throw new NoSnapshot(
      `${snapshot} has a write-ahead log beside it: a program opened it for writing and was killed, or has it open now. Close that program; the next publication puts things right, or move ${snapshot}.wal away.`,
    );
  }
}
