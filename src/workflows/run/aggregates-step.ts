/**
 * The step `aggregates`: tables that SQL files make of the snapshot, and checks. The snapshot is
 * published first, so that they contain this run's own images, and again with the tables.
 */
import { planActivities } from '../activity-proxies';
import { awaitWithDiagnosis } from '../obstacles/await-with-diagnosis';
import { modelFailed, modelMistake } from './model-failed';
import { publishForStep } from './publish-for-step';
import type { RunContext } from './run-context';

/** @throws `model_failed` when a model has a mistake. Those without one are published before. */
export async function aggregatesStep(context: RunContext): Promise<void> {
  const { warehouseId, runId, tracker } = context;
  await publishForStep(context, 'aggregates: publish what the models read', []);
  const build = { queue: 'plan', activity: 'buildModels' } as const;
  const { derived, counts, mistake } = await awaitWithDiagnosis(context, build, () =>
    planActivities().buildModels.executeWithOptions(
      { activityId: 'aggregates.build', summary: 'aggregates: build the models' },
      [{ warehouseId, runId, mayReuse: true }],
    ),
  );
  tracker.models = counts;
  // Null where the snapshot that was just published has the tables already.
  if (derived === null) return;
  const problem = await publishForStep(context, 'aggregates: publish the tables of the models', [
    derived,
  ]);
  if (problem !== null)
    throw modelFailed(`${problem}. Retry the step, which builds the models again.`);
  if (mistake !== null) throw modelMistake(mistake, 'Correct the file, then retry the step.');
}
