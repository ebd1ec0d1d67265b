/** The process that plans from the snapshot. Started by plan-downloads in a scratch folder that holds a link to it. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { StepError } from '../contract/errors';
import { PLAN_NAME, SNAPSHOT_NAME, planJob } from './child-messages';
import type { PlanCounts, PlanJob } from './child-messages';
import { asStepError } from './child-failure';
import { openLockedDatabase } from './locked-database';
import { orderPlan, streamHosts, streamRows } from './plan-entries';
import { countSettled, loadOnlyIds, stagePlanned } from './plan-query';
import { PlanWriter } from './plan-writer';
import { serveJob } from './serve-job';

async function plan(job: PlanJob): Promise<PlanCounts> {
  const database = await openLockedDatabase({
    ...job.database,
    folder: process.cwd(),
    files: [],
    before: attachSnapshot,
  });
  const writer = await database.connect();
  if (job.only !== null) await loadOnlyIds(writer, job.only);
  const reader = await database.connect();
  await reader.run('USE snapshot.main');
  await stagePlanned(reader, writer, job).catch((error: unknown) => {
    throw asStepError(error, 'db_corrupt');
  });
  const settled = await countSettled(reader, job.runId);
  await orderPlan(writer);
  const hosts = streamHosts(await database.connect());
  const written = await new PlanWriter(PLAN_NAME, job).write(hosts, streamRows(writer));
  return { ...written, settled };
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

serveJob(planJob, plan);
