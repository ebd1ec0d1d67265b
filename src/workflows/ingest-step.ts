/** ingest: the catalog becomes Parquet (plan queue), the Parquet becomes rows (warehouse queue). */
import { planActivities, warehouseActivities } from './activity-proxies';
import type { RunContext } from './run-context';
import { writeExplained } from './write-explained';

export async function ingestStep(context: RunContext): Promise<void> {
  const { warehouseId, runId, input, board } = context;
  const parsed = await planActivities().parseCatalog.executeWithOptions(
    { activityId: 'ingest: parse', summary: `read ${input.catalog}` },
    [{ warehouseId, runId, input }],
  );
  board.parsed = parsed;
  const { parquet, rejects } = parsed;
  const { maxRemoved } = input;
  await writeExplained(context, 'mergeCatalog', () =>
    warehouseActivities().mergeCatalog.executeWithOptions(
      { activityId: 'ingest: merge', summary: `merge ${parsed.images} images into the warehouse` },
      [{ warehouseId, runId, parquet, rejects, maxRemoved, record: board.record() }],
    ),
  );
}
