/** The step `features`: a child workflow of its own, as that of the step `download`. */
import type { ComputeFeaturesInput } from '../../contract/features/feature-workflow';
import { featuresWorkflowId } from '../../contract/operator';
import { computeFeatures } from '../features/compute-features';
import { bindModels } from './bind-models';
import { runChild } from './run-child';
import type { RunContext } from './run-context';

/** @throws `model_failed` before anything is computed; the child's failure. */
export async function featuresStep(context: RunContext): Promise<void> {
  const notYet = 'no features have been computed yet';
  await bindModels(context, { notYet, materialise: true, collection: context.input.collection });
  const { tracker, warehouseId, runId, workflowId, startedAt, input, tuning, place } = context;
  const argument: ComputeFeaturesInput = {
    warehouseId,
    runId,
    workflowId,
    startedAt,
    input,
    tuning,
    ...(place === undefined ? {} : { place }),
    counts: tracker.download?.counts ?? null,
    sequence: tracker.nextSequence(),
    steering: context.decisions.steering(),
    cursor: null,
  };
  tracker.features = await runChild(context, {
    name: 'features',
    workflow: computeFeatures,
    workflowId: featuresWorkflowId(workflowId),
    argument,
  });
}
