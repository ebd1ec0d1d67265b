/** Reports the state of the run to the Web UI and to the disk. */
import { workflowInfo } from '@temporalio/workflow';
import { recordActivities } from '../activity-proxies';
import type { RunContext } from '../run/run-context';
import { updateWebUi } from './update-web-ui';

/**
 * The patch since which a step and its report run side by side. A report takes as long as a short
 * step, and every step of a run waited for one.
 */
export const PROGRESS_BESIDE_WORK = 'progress is recorded beside the work';

export async function reportProgress(context: RunContext): Promise<void> {
  const { tracker, warehouseId, runId, plan } = context;
  updateWebUi(context);
  const { runId: executionId } = workflowInfo();
  const progress = {
    v: 1,
    sequence: tracker.nextSequence(),
    life: executionId,
    ...tracker.entry(),
  } as const;
  await plan.ask(() =>
    recordActivities().recordProgress.executeWithOptions(
      { summary: 'record the progress on disk' },
      [{ warehouseId, runId, progress }],
    ),
  );
}
