/** Reports the state of the run to the Web UI and to the disk. */
import { workflowInfo } from '@temporalio/workflow';
import { recordActivities } from '../activity-proxies';
import type { RunContext } from '../run/run-context';
import { updateWebUi } from './update-web-ui';

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
