/** Activities of the queue `artemis-warehouse`: the only writer. One slot, one worker; nothing here but writes and copies. */
import type {
  CommitLedgersInput,
  CommitLedgersResult,
  MergeCatalogInput,
  MergeCatalogResult,
  PublishSnapshotInput,
  PublishSnapshotResult,
  RunRecord,
} from '../contract/payloads';
import { log } from '@temporalio/activity';
import type { Metrics } from '../telemetry/metrics';
import type { Warehouse } from '../warehouse/warehouse';
import { withHeartbeat } from './heartbeat';

const noDetails = (): object => ({});

/** The warehouse activities, bound to the one module that opens the file. */
export function createWarehouseActivities(warehouse: Warehouse, metrics: Metrics) {
  return {
    /** Brings the accepted rows of a catalog into the warehouse, in one transaction. **Idempotency** a second merge changes nothing. */
    mergeCatalog: (input: MergeCatalogInput): Promise<MergeCatalogResult> =>
      withHeartbeat({
        details: noDetails,
        work: () => told('merge', metrics, () => warehouse.mergeCatalog(input)),
      }),
    /** Applies what the ledgers hold beyond the bytes applied before. **Idempotency** by construction. */
    commitLedgers: (input: CommitLedgersInput): Promise<CommitLedgersResult> =>
      withHeartbeat({
        details: noDetails,
        work: () => told('commit', metrics, () => warehouse.commitLedgers(input)),
      }),
    /** Publishes the read-only copy that everybody else reads. */
    publishSnapshot: (input: PublishSnapshotInput): Promise<PublishSnapshotResult> =>
      withHeartbeat({ details: noDetails, work: () => warehouse.publishSnapshot(input) }),
    /** Writes a run's state to `etl_run` and `etl_step`. */
    recordRun: (input: {
      readonly warehouseId: string;
      readonly record: RunRecord;
    }): Promise<void> =>
      withHeartbeat({ details: noDetails, work: () => warehouse.recordRun(input.record) }),
  };
}

/** A commit of nothing is nothing to tell. */
async function told<T extends MergeCatalogResult | CommitLedgersResult>(
  work: 'merge' | 'commit',
  metrics: Metrics,
  write: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  const result = await write();
  const tookMs = Math.round(performance.now() - startedAt);
  metrics.wrote(work, tookMs, result.lockHeldMs);
  const { lockHeldMs } = result;
  if ('added' in result) {
    const { added, removed, returned, urlChanged } = result;
    log.info('catalog merged', { added, removed, returned, urlChanged, tookMs, lockHeldMs });
  } else {
    const { applied, ledgers } = result;
    log[applied > 0 ? 'info' : 'debug']('commit', { applied, ledgers, tookMs, lockHeldMs });
  }
  return result;
}

export type WarehouseActivities = ReturnType<typeof createWarehouseActivities>;
