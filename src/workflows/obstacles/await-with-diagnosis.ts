/**
 * Waits for a step's activity of the plan or the warehouse queue. While the activity is late,
 * reports what is in its way.
 */
import type { Obstacle } from '../../contract/obstacle';
import type { QueueName } from '../../contract/task-queues';
import { withDiagnosis } from './with-diagnosis';
import { isUnservedPlanQueue } from './unserved-plan-queue';
import type { RunContext } from '../run/run-context';
import { updateWebUi } from '../reporting/update-web-ui';
import { reportProgress } from '../reporting/report-progress';

/** @throws the errors of `work`. */
export async function awaitWithDiagnosis<T>(
  context: RunContext,
  awaited: { readonly queue: QueueName; readonly activity: string },
  work: () => Promise<T>,
): Promise<T> {
  const { warehouseId, runId, tuning, plan } = context;
  const { lateSeconds } = tuning;
  const report = (obstacle: Obstacle | null): Promise<void> => takeObstacle(context, obstacle);
  const value = await withDiagnosis(
    { warehouseId, runId, ...awaited, plan, lateSeconds, report },
    work,
  );
  context.tracker.obstacle = null;
  return value;
}

/** Reports after every diagnosis, so that `status` does not consider the run cut off. */
async function takeObstacle(context: RunContext, obstacle: Obstacle | null): Promise<void> {
  context.tracker.obstacle = obstacle;
  if (isUnservedPlanQueue(obstacle)) updateWebUi(context);
  else await reportProgress(context);
}
