/** Copies views of the snapshot as tables, in a process whose memory is freed when it ends. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../duckdb/sql-text';
import { runProcess } from '../../processes/run-process';
import { COPIED_RELATIONS, viewAnswer, type CopiedRelation, type ViewJob } from './view-job';

export interface CopyViewsOptions {
  /** The path of the snapshot, which is attached as `snapshot`. */
  readonly file: string;
  /** The id of that publication. */
  readonly id: string;
  /** A folder of the caller's own, which is below that of the database. */
  readonly folder: string;
  /** Aborted when the copy is not wanted any more. */
  readonly signal: AbortSignal;
}

/**
 * Attaches the database `copied` with a table for each relation that is a view, if there are any.
 * The server itself must not fold the outcomes of a million images: it would keep the memory.
 *
 * @returns the relations that were copied.
 * @throws StepError `db_corrupt`, `db_memory`, disk_*; an Error when another snapshot was published
 *   meanwhile; the errors of DuckDB and of the file system; the signal's reason.
 */
export async function copyViews(
  connection: DuckDBConnection,
  { file, id, folder, signal }: CopyViewsOptions,
): Promise<readonly CopiedRelation[]> {
  const relations = await slowRelations(connection);
  if (relations.length === 0) return [];
  await mkdir(folder);
  const copy = path.join(folder, 'copied.duckdb');
  const job: ViewJob = { snapshot: file, id, copy, relations: [...relations] };
  const { kind } = await runProcess({
    script: 'serve/child/view-process.js',
    scratch: folder,
    job,
    result: viewAnswer,
    crash: 'db_memory',
    task: 'Copying the images of the snapshot',
    signal,
  });
  if (kind === 'replaced') throw new Error('A newer snapshot has just been published.');
  await connection.run(`ATTACH ${literal(copy)} AS copied (READ_ONLY)`);
  return relations;
}

/** The images have their collection in a table of their own only since version 3 of the schema. */
async function slowRelations(connection: DuckDBConnection): Promise<readonly CopiedRelation[]> {
  const reader = await connection.runAndReadAll(
    `SELECT view_name AS name FROM duckdb_views() WHERE database_name = 'snapshot' AND NOT internal
     UNION ALL
     SELECT 'image' WHERE NOT EXISTS (FROM duckdb_columns() WHERE database_name = 'snapshot'
       AND table_name = 'image' AND column_name = 'collection')`,
  );
  const names = new Set(reader.getRows().map(([name]) => String(name)));
  return COPIED_RELATIONS.filter((relation) => names.has(relation));
}
