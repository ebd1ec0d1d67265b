/** Plans the downloads of a run from the published snapshot and writes the plan to disk. */
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../files/error-code';
import type { PreparedProcesses } from '../processes/prepared-processes';
import { runProcess } from '../processes/run-process';
import { syncPath, withScratchFolder } from '../processes/scratch-folder';
import { resolveIdList } from '../files/resolve-user-file';
import type { PlanDownloadsInput, PlanDownloadsResult } from '../contract/payloads';
import type { HostBudget } from '../contract/run-input';
import { runPaths } from '../files/data-root';
import { linkSnapshot } from '../processes/scratch-snapshot';
import { PLAN_NAME, planCounts } from './plan-job';
import type { PlanJob } from './plan-job';

export interface PlanDownloadsOptions {
  readonly dataRoot: string;
  readonly runId: string;
  readonly request: Omit<PlanDownloadsInput, 'runId' | 'warehouseId'>;
  /** The worker's upper limits for one host, which no budget of the run exceeds. */
  readonly caps: HostBudget;
  /** The number of download workers. They share hosts whose budget allows many requests. */
  readonly workers: number;
  readonly database: PlanJob['database'];
  readonly prepared?: PreparedProcesses;
  readonly signal?: AbortSignal;
}

/**
 * Writes the run's `plan/` in a locked-down child process and replaces an earlier one as a whole.
 * The same snapshot, request and number of workers produce the same bytes.
 *
 * @throws StepError `input`, `db_corrupt`, `db_memory`, `disk_…`; the signal's reason when
 * aborted.
 */
export async function planDownloads(options: PlanDownloadsOptions): Promise<PlanDownloadsResult> {
  const job = await createPlanJob(options);
  return withScratchFolder(options.dataRoot, 'plan', async (scratch) => {
    await linkSnapshot(options.dataRoot, scratch, 'Planning the downloads');
    const counts = await runProcess({
      script: 'plan/plan-process.js',
      scratch,
      job,
      result: planCounts,
      crash: 'db_corrupt',
      task: 'Planning the downloads',
      prepared: options.prepared,
      signal: options.signal,
    });
    await publishPlan(options, scratch);
    return counts;
  });
}

async function createPlanJob({
  dataRoot,
  runId,
  request,
  caps,
  workers,
  database,
}: PlanDownloadsOptions): Promise<PlanJob> {
  const { select, limit, only, hosts, collection } = request;
  const { memory, threads } = database;
  return {
    runId,
    select,
    limit,
    ...(collection === undefined ? {} : { collection }),
    only: await resolveIdList(dataRoot, only),
    hosts: { ...hosts },
    caps,
    workers,
    database: { memory, threads },
  };
}

async function publishPlan(
  { dataRoot, runId }: PlanDownloadsOptions,
  scratch: string,
): Promise<void> {
  const run = runPaths(dataRoot, runId);
  const plan = path.join(scratch, PLAN_NAME);
  await syncPath(path.join(plan, 'lanes'));
  await syncPath(plan);
  await mkdir(run.folder, { recursive: true });
  await rename(run.plan, path.join(scratch, 'former')).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  await rename(plan, run.plan);
  await syncPath(run.folder);
}
