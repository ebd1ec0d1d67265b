/** Tells everybody where the run is: the Web UI, and the disk. */
import { workflowInfo } from '@temporalio/workflow';
import { recordActivities } from '../activity-proxies';
import type { RunContext } from '../run/run-context';
import { showRun } from './update-web-ui';

export async function tell({
  board,
  warehouseId,
  runId,
  searchAttributes,
  plan,
}: RunContext): Promise<void> {
  showRun(board, searchAttributes);
  const { runId: life } = workflowInfo();
  const progress = { v: 1, sequence: board.nextSequence(), life, ...board.entry() } as const;
  await plan.ask(() =>
    recordActivities().recordProgress.executeWithOptions(
      { summary: 'record the progress on disk' },
      [{ warehouseId, runId, progress }],
    ),
  );
}
