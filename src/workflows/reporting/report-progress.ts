/** Tells everybody where the run is: the Web UI, and the disk. */
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
  const { runId: life } = workflowInfo();
  const progress = { v: 1, sequence: tracker.nextSequence(), life, ...tracker.entry() } as const;
  await plan.ask(() =>
    recordActivities().recordProgress.executeWithOptions(
      { summary: 'record the progress on disk' },
      [{ warehouseId, runId, progress }],
    ),
  );
}
