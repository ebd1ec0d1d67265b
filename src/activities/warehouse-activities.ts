/**
 * Activities of the queue `artemis-warehouse`. Its only worker, with one slot, is the only writer
 * of the warehouse. The activities write and copy, and do nothing else.
 */
import type {
  CommitLedgersInput,
  CommitLedgersResult,
  MergeCatalogInput,
  MergeCatalogResult,
  PublishSnapshotInput,
  PublishSnapshotResult,
  RunRecord,
} from '../contract/payloads';
import type {
  CommitFeaturesInput,
  CommitFeaturesResult,
} from '../contract/features/feature-payloads';
import { log } from '@temporalio/activity';
import type { Metrics } from '../telemetry/metrics';
import type { Warehouse } from '../warehouse/warehouse';
import { withHeartbeat } from './heartbeat';

/** Creates the warehouse activities for the one module that opens the warehouse file. */
export function createWarehouseActivities(warehouse: Warehouse, metrics: Metrics) {
  return {
    /**
     * Merges the accepted rows of a catalog into the warehouse in one transaction.
     *
     * @remarks Idempotent: a second merge changes nothing.
     */
    mergeCatalog: (input: MergeCatalogInput): Promise<MergeCatalogResult> =>
      withHeartbeat({
        work: () => withReport('merge', metrics, () => warehouse.mergeCatalog(input)),
      }),
    /**
     * Applies those bytes of the ledgers that were not applied before.
     *
     * @remarks Idempotent: bytes that were applied are not applied again.
     */
    commitLedgers: (input: CommitLedgersInput): Promise<CommitLedgersResult> =>
      withHeartbeat({
        work: () => withReport('commit', metrics, () => warehouse.commitLedgers(input)),
      }),
    /**
     * Applies the bytes of the ledgers of features that have not been applied before.
     *
     * @remarks Idempotent: bytes that were applied are not applied again.
     */
    commitFeatures: (input: CommitFeaturesInput): Promise<CommitFeaturesResult> =>
      withHeartbeat({
        work: () => withReport('commit', metrics, () => warehouse.commitFeatures(input)),
      }),
    /** Publishes the read-only copy that all readers use. */
    publishSnapshot: (input: PublishSnapshotInput): Promise<PublishSnapshotResult> =>
      withHeartbeat({ work: () => warehouse.publishSnapshot(input) }),
    /** Writes a run's state to `etl_run` and `etl_step`. */
    recordRun: (input: {
      readonly warehouseId: string;
      readonly record: RunRecord;
    }): Promise<void> => withHeartbeat({ work: () => warehouse.recordRun(input.record) }),
  };
}

/**
 * Reports a write to the metrics and the log. A commit without changes is logged at debug level.
 */
async function withReport<
  T extends MergeCatalogResult | CommitLedgersResult | CommitFeaturesResult,
>(work: 'merge' | 'commit', metrics: Metrics, write: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await write();
  const tookMs = Math.round(performance.now() - startedAt);
  metrics.wrote(work, tookMs, result.lockHeldMs);
  const { lockHeldMs } = result;
  if ('added' in result) {
    const { added, removed, renamed, returned, urlChanged } = result;
    log.info('catalog merged', {
      added,
      removed,
      renamed,
      returned,
      urlChanged,
      tookMs,
      lockHeldMs,
    });
  } else {
    const { applied, ledgers } = result;
    log[applied > 0 ? 'info' : 'debug']('commit', { applied, ledgers, tookMs, lockHeldMs });
  }
  return result;
}

export type WarehouseActivities = ReturnType<typeof createWarehouseActivities>;
