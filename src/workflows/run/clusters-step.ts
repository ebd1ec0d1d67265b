/**
 * The step `clusters`: groups of equal and similar images. The snapshot is published first, so that
 * they contain this run's own images, and again with the groups.
 */
import { ApplicationFailure } from '@temporalio/workflow';
import type { StepCode } from '../../contract/errors';
import { planActivities } from '../activity-proxies';
import { awaitWithDiagnosis } from '../obstacles/await-with-diagnosis';
import { publishForStep } from './publish-for-step';
import type { RunContext } from './run-context';

/** @throws `clusters_failed` when the groups could not be published. */
export async function clustersStep(context: RunContext): Promise<void> {
  const { warehouseId, runId, tracker } = context;
  await publishForStep(context, 'clusters: publish what is grouped', []);
  const find = { queue: 'plan', activity: 'findClusters' } as const;
  const { derived, counts } = await awaitWithDiagnosis(context, find, () =>
    planActivities().findClusters.executeWithOptions(
      { activityId: 'clusters.find', summary: 'clusters: find groups of images' },
      [{ warehouseId, runId }],
    ),
  );
  tracker.clusters = counts;
  // Null where the snapshot that was just published has the groups already.
  if (derived === null) return;
  const problem = await publishForStep(context, 'clusters: publish the groups', [derived]);
  if (problem === null) return;
  const code: StepCode = 'clusters_failed';
  throw ApplicationFailure.nonRetryable(
    `${problem}. Retry the step, which finds the groups again.`,
    code,
  );
}
