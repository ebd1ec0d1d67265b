/** ingest: the catalog becomes Parquet (plan queue), the Parquet becomes rows (warehouse queue). */
import { planActivities, warehouseActivities } from './activity-proxies';
import type { RunContext } from './run-context';

export async function ingestStep(context: RunContext): Promise<void> {
  const { warehouseId, runId, input, board } = context;
  const parsed = await planActivities().parseCatalog.executeWithOptions(
    { activityId: 'ingest: parse', summary: `read ${input.catalog}` },
    [{ warehouseId, runId, input }],
  );
  board.parsed = parsed;
  const { parquet, rejects } = parsed;
  await warehouseActivities().mergeCatalog.executeWithOptions(
    { activityId: 'ingest: merge', summary: `merge ${parsed.images} images into the warehouse` },
    [
      {
        warehouseId,
        runId,
        parquet,
        rejects,
        maxRemoved: input.maxRemoved,
        record: board.record(),
      },
    ],
  );
}
