/** A step's activity of the plan or the warehouse queue; while it is late, everybody is told what is in its way. */
import type { Obstacle } from '../../contract/obstacle';
import type { QueueName } from '../../contract/task-queues';
import { withDiagnosis } from './with-diagnosis';
import { isUnservedPlanQueue } from './unserved-plan-queue';
import type { RunContext } from '../run/run-context';
import { updateWebUi } from '../reporting/update-web-ui';
import { reportProgress } from '../reporting/report-progress';

/** **Errors** those of `work`. */
export async function awaitWithDiagnosis<T>(
  context: RunContext,
  awaited: { readonly queue: QueueName; readonly activity: string },
  work: () => Promise<T>,
): Promise<T> {
  const { warehouseId, runId, tuning, plan } = context;
  const { lateSeconds } = tuning;
  const show = (obstacle: Obstacle | null): Promise<void> => meet(context, obstacle);
  const value = await withDiagnosis(
    { warehouseId, runId, ...awaited, plan, lateSeconds, show },
    work,
  );
  context.tracker.obstacle = null;
  return value;
}

/** Told after every look, so that `status` does not take the run for cut off. */
async function meet(context: RunContext, obstacle: Obstacle | null): Promise<void> {
  context.tracker.obstacle = obstacle;
  if (isUnservedPlanQueue(obstacle)) updateWebUi(context.tracker, context.searchAttributes);
  else await reportProgress(context);
}
