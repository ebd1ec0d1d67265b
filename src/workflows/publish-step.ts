/** publish: the snapshot that everybody reads, with the run's end recorded in it. */
import { warehouseActivities } from './activity-proxies';
import type { RunContext } from './run-context';

export async function publishStep({ warehouseId, board }: RunContext): Promise<void> {
  const record = board.record();
  const endedAt = new Date().toISOString();
  const steps = record.steps.map((step) =>
    step.name === 'publish' ? { ...step, state: 'completed' as const, endedAt } : step,
  );
  board.published = await warehouseActivities().publishSnapshot.executeWithOptions(
    { activityId: 'publish', summary: 'publish the read-only snapshot' },
    // The snapshot is what readers see of this run for good, so it says how the run will have ended.
    [{ warehouseId, record: { ...record, state: 'completed', endedAt, steps }, materialise: true }],
  );
  board.endedAt = endedAt;
}
