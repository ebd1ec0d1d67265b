/** Reports the state of the run to the Web UI and to the disk. */
import { workflowInfo } from '@temporalio/workflow';
import { recordActivities } from '../activity-proxies';
import type { RunContext } from '../run/run-context';
import { updateWebUi } from './update-web-ui';

export async function reportProgress({
  tracker,
  warehouseId,
  runId,
  searchAttributes,
  plan,
}: RunContext): Promise<void> {
  updateWebUi(tracker, searchAttributes);
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
