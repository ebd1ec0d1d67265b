/**
 * The process that plans from the snapshot. `planDownloads` starts it in a scratch folder that
 * holds a link to the snapshot.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { asStepError } from '../processes/process-failure';
import { openLockedDatabase } from '../processes/locked-database';
import { serveProcess } from '../processes/serve-process';
import { StepError } from '../contract/errors';
import { LanePacker } from './lane-packer';
import { placeHosts, stageEntries, streamRows } from './order-entries';
import { PLAN_NAME, SNAPSHOT_NAME, planJob } from './plan-job';
import type { PlanCounts, PlanJob } from './plan-job';
import { PlanWriter } from './plan-writer';
import { countSettled, loadOnlyIds, selectImages } from './select-images';

/**
 * With a million entries DuckDB takes no more time with this much than with 2 GB, because it sorts
 * on the disk, and the process needs about 800 MB (bench/plan-scale.mjs).
 */
const MOST_DATABASE_MEMORY = '600MB';

async function plan(job: PlanJob): Promise<PlanCounts> {
  const database = await openLockedDatabase({
    ...job.database,
    folder: process.cwd(),
    files: [],
    before: prepare,
  });
  const writer = await database.connect();
  if (job.only !== null) await loadOnlyIds(writer, job.only);
  const snapshot = await database.connect();
  await snapshot.run('USE snapshot.main');
  await selectImages(snapshot, writer, job).catch((error: unknown) => {
    throw asStepError(error, 'db_corrupt');
  });
  const settled = await countSettled(snapshot, job.runId);
  const reader = await database.connect();
  await stageEntries(reader, writer, job);
  const packer = new LanePacker(job);
  await placeHosts(reader, writer, packer);
  const written = await new PlanWriter(PLAN_NAME, packer.outlines).write(streamRows(reader));
  return { ...written, settled };
}

async function prepare(connection: DuckDBConnection): Promise<void> {
  const compared = await connection.runAndReadAll(
    `SELECT parse_formatted_bytes(current_setting('memory_limit')) > parse_formatted_bytes('${MOST_DATABASE_MEMORY}')`,
  );
  if (compared.getRows()[0]?.[0] === true) {
    await connection.run(`SET memory_limit = '${MOST_DATABASE_MEMORY}'`);
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

serveProcess(planJob, plan);
