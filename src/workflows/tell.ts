/** Tells everybody where the run is: the Web UI, and the disk. */
import { PROGRESS_SEQUENCE_STRIDE } from '../contract/download';
import { recordActivities } from './activity-proxies';
import type { RunContext } from './run-context';
import { showRun } from './show-run';

export async function tell({
  board,
  warehouseId,
  runId,
  searchAttributes,
  plan,
}: RunContext): Promise<void> {
  showRun(board, searchAttributes);
  board.records += 1;
  const sequence = board.records * PROGRESS_SEQUENCE_STRIDE;
  const progress = { v: 1 as const, sequence, ...board.entry() };
  await plan.ask(() =>
    recordActivities().recordProgress.executeWithOptions(
      { summary: 'record the progress on disk' },
      [{ warehouseId, runId, progress }],
    ),
  );
}
