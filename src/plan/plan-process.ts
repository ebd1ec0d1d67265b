/**
 * The child process that plans from the snapshot. `planDownloads` starts it in a scratch folder
 * that contains a link to the snapshot.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { asStepError } from '../processes/process-failure';
import { openLockedDatabase } from '../processes/locked-database';
import { serveProcess } from '../processes/serve-process';
import { StepError } from '../contract/errors';
import { LanePacker } from './lane-packer';
import { placeHosts, stageEntries, streamPlannedRows } from './order-entries';
import { PLAN_NAME, SNAPSHOT_NAME, planJob } from './plan-job';
import type { PlanCounts, PlanJob } from './plan-job';
import { PlanWriter } from './plan-writer';
import { countSettled, findStoredFiles, loadOnlyIds, selectImages } from './select-images';

/**
 * With a million entries, DuckDB is as fast with this limit as with 2 GB, because it sorts on disk.
 * The process then needs about 800 MB (bench/plan-scale.mjs).
 */
const MAX_DATABASE_MEMORY = '600MB';

async function planFromSnapshot(job: PlanJob): Promise<PlanCounts> {
  const database = await openLockedDatabase({
    ...job.database,
    folder: process.cwd(),
    files: [],
    before: prepareConnection,
  });
  const writer = await database.connect();
  if (job.only !== null) await loadOnlyIds(writer, job.only);
  const snapshot = await database.connect();
  await snapshot.run('USE snapshot.main');
  await selectImages(snapshot, writer, job).catch((error: unknown) => {
    throw asStepError(error, 'db_corrupt');
  });
  await findStoredFiles(snapshot, job);
  const settled = await countSettled(snapshot, job.runId);
  const reader = await database.connect();
  await stageEntries(reader, writer, job);
  const packer = new LanePacker(job);
  await placeHosts(reader, writer, packer);
  const written = await new PlanWriter(PLAN_NAME, packer.outlines).write(streamPlannedRows(reader));
  return { ...written, settled };
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

serveProcess(planJob, planFromSnapshot);
