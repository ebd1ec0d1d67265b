/**
 * The child process that plans the features of a run from the snapshot. `planFeatures` starts it in
 * a scratch folder that contains a link to the snapshot.
 */
import fs from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { FeatureEntry } from '../../contract/features/feature';
import { asStepError } from '../../processes/process-failure';
import { serveProcess } from '../../processes/serve-process';
import { openSnapshotDatabase } from '../snapshot-database';
import { loadOnlyIds } from '../select-images';
import {
  FEATURE_PLAN_NAME,
  featurePlanJob,
  type FeaturePlan,
  type FeaturePlanJob,
} from './feature-plan-job';
import { countPlanned, selectFiles } from './select-files';

/** The most lanes, so that all of them fit into one payload, and the fewest files of one. */
const MOST_LANES = 32;
const LEAST_FILES = 200;

/** How many bytes are buffered before they are written. */
const BUFFER_BYTES = 1 << 20;

type Lane = FeaturePlan['lanes'][number];

async function planFromSnapshot(job: FeaturePlanJob): Promise<FeaturePlan> {
  const database = await openSnapshotDatabase(job.database);
  const snapshot = await database.connect();
  if (job.only !== null) await loadOnlyIds(await database.connect(), job.only);
  await snapshot.run('USE snapshot.main');
  const stored = await selectFiles(snapshot, job).catch((error: unknown) => {
    throw asStepError(error, 'db_corrupt');
  });
  const counts = await countPlanned(snapshot);
  return { ...counts, stored, lanes: await writePlan(snapshot, counts.planned) };
}

/** Writes the entries ordered by sha256; a lane is a stretch of them. */
async function writePlan(snapshot: DuckDBConnection, planned: number): Promise<Lane[]> {
  const lanes: Lane[] = [];
  const ofLane = Math.max(LEAST_FILES, Math.ceil(planned / MOST_LANES));
  const plan = fs.openSync(FEATURE_PLAN_NAME, 'wx');
  let lines: string[] = [];
  let buffered = 0;
  let lane = { from: 0, to: 0, entries: 0 };
  const write = (): void => {
    fs.writeFileSync(plan, lines.join(''));
    lines = [];
    buffered = 0;
  };
  const endLane = (): void => {
    const { from, to, entries } = lane;
    const number = String(lanes.length + 1).padStart(6, '0');
    if (entries > 0) lanes.push({ lane: `f${number}`, entries, place: { from, to } });
    lane = { from: to, to, entries: 0 };
  };
  const rows = await snapshot.stream(
    'SELECT sha256, to_json(paths)::VARCHAR FROM memory.main.planned_file ORDER BY sha256',
  );
  for await (const chunk of rows.yieldRows()) {
    for (const [sha256, paths] of chunk) {
      const entry: FeatureEntry = {
        sha256: String(sha256),
        paths: JSON.parse(String(paths)) as string[],
      };
      const line = `${JSON.stringify(entry)}\n`;
      lines.push(line);
      buffered += line.length;
      lane.to += Buffer.byteLength(line);
      lane.entries += 1;
      if (lane.entries === ofLane) endLane();
      if (buffered >= BUFFER_BYTES) write();
    }
  }
  endLane();
  write();
  fs.fsyncSync(plan);
  fs.closeSync(plan);
  return lanes;
}

serveProcess(featurePlanJob, planFromSnapshot);
