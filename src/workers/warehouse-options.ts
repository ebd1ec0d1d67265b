/** The options of the warehouse worker, which takes the writer lock first. */
import type { WorkerOptions } from '@temporalio/worker';
import { createWarehouseActivities } from '../activities/warehouse-activities';
import { describeHolder } from '../files/process/writer-state';
import { createWarehouse } from '../warehouse/warehouse';
import { acquireWriterLock } from '../warehouse/writer-lock';
import type { Binding } from './worker-binding';

/** Returns when the writer lock is ours. */
export async function warehouseOptions(binding: Binding): Promise<Partial<WorkerOptions>> {
  const { config, log, metrics } = binding;
  await takeWriterLock(binding);
  const { dataRoot, database } = config;
  const warehouse = createWarehouse({ dataRoot, database, log });
  // The merge comes when the catalog has been read. If this fails, it meets the same problem and
  // reports it.
  binding.whenIngestBegins.push(() => {
    void warehouse.createIfMissing().catch(() => undefined);
  });
  return { activities: createWarehouseActivities(warehouse, metrics) };
}

async function takeWriterLock({ config, log, releases, signal }: Binding): Promise<void> {
  const waitedFor: number[] = [];
  const lock = await acquireWriterLock({
    dataRoot: config.dataRoot,
    onWaiting: (holder) => {
      waitedFor.push(holder.pid);
      log.warn(
        { holder },
        `standing by: another warehouse worker holds the writer lock, ${describeHolder(holder)}`,
      );
    },
    signal: signal ?? new AbortController().signal,
  });
  if (waitedFor.length > 0) log.info('the writer lock is ours now: taking over');
  releases.push(() => lock.release());
}
