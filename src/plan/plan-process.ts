/**
 * The child process that plans from the snapshot. `planDownloads` starts it in a scratch folder
 * that contains a link to the snapshot.
 */
import { asStepError } from '../processes/process-failure';
import { serveProcess } from '../processes/serve-process';
import { LanePacker } from './lane-packer';
import { placeHosts, stageEntries, streamPlannedRows } from './order-entries';
import { PLAN_NAME, planJob } from './plan-job';
import type { PlanCounts, PlanJob } from './plan-job';
import { PlanWriter } from './plan-writer';
import { openSnapshotDatabase } from './snapshot-database';
import {
  collectionCondition,
  countSettled,
  findStoredFiles,
  findUnknownIds,
  loadOnlyIds,
  selectImages,
} from './select-images';

async function planFromSnapshot(job: PlanJob): Promise<PlanCounts> {
  const database = await openSnapshotDatabase(job.database);
  const writer = await database.connect();
  if (job.only !== null) await loadOnlyIds(writer, job.only);
  const snapshot = await database.connect();
  await snapshot.run('USE snapshot.main');
  const asCorrupt = (error: unknown): never => {
    throw asStepError(error, 'db_corrupt');
  };
  const isOfCollection = await collectionCondition(snapshot, job).catch(asCorrupt);
  await selectImages(snapshot, writer, { job, isOfCollection }).catch(asCorrupt);
  await findStoredFiles(snapshot, job);
  const settled = await countSettled(snapshot, job.runId);
  const unknownIds = job.only === null ? null : await findUnknownIds(snapshot, isOfCollection);
  const reader = await database.connect();
  await stageEntries(reader, writer, job);
  const packer = new LanePacker(job);
  await placeHosts(reader, writer, packer);
  const written = await new PlanWriter(PLAN_NAME, packer.outlines).write(streamPlannedRows(reader));
  return { ...written, settled, ...(unknownIds === null ? {} : { unknownIds }) };
}

serveProcess(planJob, planFromSnapshot);
