/** The locked database in which models are built. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { StepError } from '../../contract/errors';
import { attachDerivedFile, attachSnapshot } from '../../processes/attached-files';
import { openLockedConnection, type LockedConnection } from '../../processes/locked-database';
import { SNAPSHOT_NAME } from '../../processes/scratch-snapshot';
import { DERIVED_NAME, type ModelJob } from '../model-job';

/** The first version of the schema that has every column which the package's models read. */
const LEAST_SCHEMA_VERSION = 3;

/** Empty tables, by name, for a snapshot that was published without clusters. */
export const ABSENT_TABLES: ReadonlyMap<string, string> = new Map([
  [
    'cluster',
    `(kind VARCHAR, cluster_id VARCHAR, size INTEGER, files INTEGER,
     representative_sha256 VARCHAR, representative_image_id VARCHAR, max_distance SMALLINT,
     wasted_bytes BIGINT, label VARCHAR, parent_id VARCHAR)`,
  ],
  [
    'cluster_member',
    `(kind VARCHAR, cluster_id VARCHAR, source_image_id VARCHAR, sha256 VARCHAR,
     distance FLOAT, is_representative BOOLEAN)`,
  ],
]);

/**
 * Opens a database whose only files are the copy of the snapshot, read-only, the new file for the
 * tables, and a folder for what exceeds DuckDB's memory, all in the working folder. A name without
 * a schema is looked for in the new tables, then in the snapshot.
 *
 * DuckDB writes to an attached file when a statement `COPY … TO` asks for it. The callers run
 * SELECTs only.
 *
 * @throws StepError `db_corrupt`, `db_memory`, disk_*; `input` for a snapshot of an older program.
 */
export async function openModelConnection(
  database: ModelJob['database'],
): Promise<LockedConnection> {
  const inFolder = (name: string): string => path.join(process.cwd(), name);
  const spill = inFolder('tmp');
  mkdirSync(spill);
  const derived = inFolder(DERIVED_NAME);
  return openLockedConnection({
    ...database,
    folder: spill,
    files: [derived, `${derived}.wal`],
    before: async (connection) => {
      await attachSnapshot(connection, inFolder(SNAPSHOT_NAME), 'Building models');
      await attachDerivedFile(connection, derived);
      await refuseOlderSchema(connection);
      for (const [name, columns] of ABSENT_TABLES)
        await connection.run(`CREATE TABLE memory.main.${name} ${columns}`);
      await connection.run(`SET search_path = 'derived.main,snapshot.main,memory.main'`);
      await connection.run('SET errors_as_json = true');
    },
  });
}

/** Opens a database without any file, in which queries can be parsed. */
export function openParserConnection(database: ModelJob['database']): Promise<LockedConnection> {
  const folder = path.join(process.cwd(), 'tmp');
  mkdirSync(folder);
  return openLockedConnection({ ...database, folder, files: [] });
}

/** Otherwise the models of the package would be reported as mistakes. */
async function refuseOlderSchema(connection: DuckDBConnection): Promise<void> {
  const answer = await connection.runAndReadAll(
    'SELECT max(version) FROM snapshot.main.schema_version',
  );
  const version = Number(answer.getRows()[0]?.[0]);
  if (version >= LEAST_SCHEMA_VERSION) return;
  throw new StepError(
    'input',
    `The snapshot is of version ${version} of the schema, and models need ${LEAST_SCHEMA_VERSION}. The next run publishes a newer one: start a run, or wait for its first commit.`,
  );
}
