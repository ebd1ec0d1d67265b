/** The process that copies views of the snapshot as tables. `copyViews` starts it. */
import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../duckdb/sql-text';
import { openLockedConnection } from '../../processes/locked-database';
import { asStepError } from '../../processes/process-failure';
import { serveProcess } from '../../processes/serve-process';
import { snapshotId } from '../snapshot/snapshot-id';
import { copyImages } from './copy-images';
import { viewJob, type CopiedRelation, type ViewJob } from '../snapshot/view-job';

/** DuckDB may hold this much in memory; what exceeds it is written to the working folder. */
const MEMORY = '128MB';

async function copyRelations(job: ViewJob): Promise<{ readonly kind: 'copied' | 'replaced' }> {
  const { instance, connection } = await openLockedConnection({
    memory: MEMORY,
    threads: 1,
    folder: process.cwd(),
    files: [],
    before: async (opened) => {
      await opened.run(`ATTACH ${literal(job.snapshot)} AS snapshot (READ_ONLY)`);
      await opened.run(`ATTACH ${literal(job.copy)} AS copied`);
    },
  });
  try {
    // The file that was attached stays, and a file that replaces it has another id.
    if (snapshotId(await stat(job.snapshot)) !== job.id) return { kind: 'replaced' };
    for (const relation of job.relations) await copyRelation(relation, connection);
    return { kind: 'copied' };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function copyRelation(relation: CopiedRelation, connection: DuckDBConnection): Promise<void> {
  if (relation === 'image') return copyImages(connection);
  await connection.run(
    'CREATE TABLE copied.main.feature AS FROM snapshot.main.feature ORDER BY sha256',
  );
}

serveProcess(viewJob, (job) =>
  copyRelations(job).catch((error: unknown) => {
    throw asStepError(error, 'db_corrupt');
  }),
);
