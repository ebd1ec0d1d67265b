/** Plans the features of a run from the published snapshot and writes the plan to disk. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { FEATURE_VERSION } from '../../contract/features/feature';
import type { PlanFeaturesInput } from '../../contract/features/feature-payloads';
import { runPaths } from '../../files/data-root';
import { resolveIdList } from '../../files/resolve-user-file';
import { runProcess } from '../../processes/run-process';
import { moveDurably, withScratchFolder } from '../../processes/scratch-folder';
import { linkSnapshot } from '../../processes/scratch-snapshot';
import {
  FEATURE_PLAN_NAME,
  featurePlan,
  type FeaturePlan,
  type FeaturePlanJob,
} from './feature-plan-job';

/**
 * Writes the run's `features/plan.ndjson` in a locked-down child process, in place of an earlier
 * one. The same snapshot and request produce the same bytes.
 *
 * @throws StepError `input`, `db_corrupt`, `db_memory`, `disk_…`; the signal's reason when aborted.
 */
export function planFeatures(options: {
  readonly dataRoot: string;
  readonly runId: string;
  readonly request: Pick<PlanFeaturesInput, 'select' | 'limit' | 'only' | 'collection'>;
  readonly database: FeaturePlanJob['database'];
  readonly signal?: AbortSignal;
}): Promise<FeaturePlan> {
  const { dataRoot, runId, database, signal } = options;
  const { select, limit, only, collection } = options.request;
  return withScratchFolder(dataRoot, 'plan', async (scratch) => {
    const ids = await resolveIdList(dataRoot, only);
    await linkSnapshot(dataRoot, scratch, 'Planning the features');
    const { memory, threads } = database;
    const job: FeaturePlanJob = {
      select,
      limit,
      only: ids,
      ...(collection === undefined ? {} : { collection }),
      version: FEATURE_VERSION,
      database: { memory, threads },
    };
    const plan = await runProcess({
      script: 'plan/features/feature-plan-process.js',
      scratch,
      job,
      result: featurePlan,
      crash: 'db_corrupt',
      task: 'Planning the features',
      signal,
    });
    const target = runPaths(dataRoot, runId).featurePlan;
    await mkdir(path.dirname(target), { recursive: true });
    await moveDurably(path.join(scratch, FEATURE_PLAN_NAME), target);
    return plan;
  });
}
