/**
 * The step `ingest`: the catalog becomes Parquet (plan queue), and the Parquet becomes rows
 * (warehouse queue).
 */
import { planActivities, warehouseActivities } from '../activity-proxies';
import type { RunContext } from './run-context';
import { awaitWithDiagnosis } from '../obstacles/await-with-diagnosis';
import { cut } from '../../contract/markdown';

export async function ingestStep(context: RunContext): Promise<void> {
  const { warehouseId, runId, input, tracker } = context;
  const parse = { queue: 'plan', activity: 'parseCatalog' } as const;
  const parsed = await awaitWithDiagnosis(context, parse, () =>
    planActivities().parseCatalog.executeWithOptions(
      { activityId: 'ingest.parse', summary: `ingest: read ${cut(input.catalog, 300)}` },
      [{ warehouseId, runId, input }],
    ),
  );
  tracker.parsed = parsed;
  const { parquet, rejects } = parsed;
  const { maxRemoved, collection, replace } = input;
  const merge = { queue: 'warehouse', activity: 'mergeCatalog' } as const;
  await awaitWithDiagnosis(context, merge, () =>
    warehouseActivities().mergeCatalog.executeWithOptions(
      {
        activityId: 'ingest.merge',
        summary: `ingest: merge ${parsed.images} images into the warehouse`,
      },
      [
        {
          warehouseId,
          runId,
          parquet,
          rejects,
          collection,
          replace,
          maxRemoved,
          record: tracker.record(),
        },
      ],
    ),
  );
}
