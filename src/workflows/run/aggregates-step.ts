/**
 * The step `aggregates`: tables that SQL files make of the snapshot, and checks. The snapshot is
 * published first, so that they contain this run's own images, and again with the tables.
 */
import { ApplicationFailure } from '@temporalio/workflow';
import type { DerivedFile } from '../../contract/derived/derived-file';
import type { StepCode } from '../../contract/errors';
import { planActivities, warehouseActivities } from '../activity-proxies';
import { awaitWithDiagnosis } from '../obstacles/await-with-diagnosis';
import type { RunContext } from './run-context';

/** @throws `model_failed` when a model has a mistake. Those without one are published before. */
export async function aggregatesStep(context: RunContext): Promise<void> {
  const { warehouseId, runId, tracker } = context;
  await publish(context, 'aggregates: publish what the models read', []);
  const build = { queue: 'plan', activity: 'buildModels' } as const;
  const { derived, counts, mistake } = await awaitWithDiagnosis(context, build, () =>
    planActivities().buildModels.executeWithOptions(
      { activityId: 'aggregates.build', summary: 'aggregates: build the models' },
      [{ warehouseId, runId }],
    ),
  );
  tracker.models = counts;
  await publish(context, 'aggregates: publish the tables of the models', [derived]);
  if (mistake !== null) throw modelFailed(`${mistake} Correct the file, then retry the step.`);
}

async function publish(
  context: RunContext,
  summary: string,
  derived: readonly DerivedFile[],
): Promise<void> {
  const { warehouseId, input } = context;
  const { collection } = input;
  const awaited = { queue: 'warehouse', activity: 'publishSnapshot' } as const;
  const { derivedProblems = [] } = await awaitWithDiagnosis(context, awaited, () =>
    warehouseActivities().publishSnapshot.executeWithOptions({ summary }, [
      { warehouseId, record: null, materialise: true, collection, derived },
    ]),
  );
  const problem = derivedProblems.find(({ kind }) => kind === 'models');
  if (derived.length > 0 && problem !== undefined)
    throw modelFailed(`${problem.detail}. Retry the step, which builds the models anew.`);
}

function modelFailed(message: string): ApplicationFailure {
  const code: StepCode = 'model_failed';
  return ApplicationFailure.nonRetryable(message, code);
}
