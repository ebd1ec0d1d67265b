/**
 * The warehouse: the only module that writes `warehouse.duckdb`. Operations run one at a time, and
 * one process at a time may use it.
 */
import fs from 'node:fs';
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
import { dataRootPaths } from '../files/data-root';
import { noteMerge } from '../files/run/merge-mark';
import { noteRecord } from '../files/run/recorded-run';
import {
  createWarehouseFile,
  inTransaction,
  withAttached,
} from './database-file/attached-warehouse';
import { createFeatureCommitter } from './commit/commit-features';
import { commitLedgers } from './commit/commit-ledgers';
import type { WarehouseContext } from './warehouse-context';
import { removeFormer } from './schema/former-warehouse';
import { createLockLog, type LockLog } from './database-file/lock-log';
import { mergeCatalog } from './merge/merge-catalog';
import { migrateWarehouse } from './schema/migrate-warehouse';
import { requireDriver } from './driver/open-database';
import { createPublisher } from './snapshot/publish-snapshot';
import { writeRunRecord } from './commit/write-run-record';
import { createRowNumbers } from './merge/row-numbers';
import { createMutex } from './mutex';
import { useDatabase, type WarehouseOptions } from './use-database';

/**
 * The operations of the warehouse worker. Calls are queued, and one runs at a time. Each throws
 * StepError db_*, disk_*, and its own errors.
 */
export interface Warehouse {
  /**
   * Creates the file of a new data root, which the first other operation would do otherwise. Where
   * only its write-ahead log is left, nothing is done: an operation that can report it moves it
   * aside.
   */
  createIfMissing(): Promise<void>;
  mergeCatalog(input: MergeCatalogInput): Promise<MergeCatalogResult>;
  commitLedgers(input: CommitLedgersInput): Promise<CommitLedgersResult>;
  commitFeatures(input: CommitFeaturesInput): Promise<CommitFeaturesResult>;
  publishSnapshot(input: PublishSnapshotInput): Promise<PublishSnapshotResult>;
  recordRun(record: RunRecord): Promise<void>;
}

/** Runs one operation on the warehouse after all earlier ones have ended. */
type RunOperation = <T>(operation: (context: WarehouseContext) => Promise<T>) => Promise<T>;

/**
 * Creates the warehouse of a data root. Only a process that holds the writer lock may use it.
 *
 * Facts that neither catalogs nor ledgers contain (which catalogs were merged in which order, and
 * how runs ended) are also written to the run's folder once they are durable in the warehouse,
 * because a rebuild needs them.
 *
 * @throws DriverMissing.
 */
export function createWarehouse(options: WarehouseOptions): Warehouse {
  const { dataRoot } = options;
  const runOperation = createOperationRunner(options);
  const publish = createPublisher();
  const commitFeatures = createFeatureCommitter();
  return {
    createIfMissing: async () => {
      const { warehouse } = dataRootPaths(dataRoot);
      if (fs.existsSync(warehouse) || fs.existsSync(`${warehouse}.wal`)) return;
      await runOperation(createWarehouseFile);
    },
    mergeCatalog: (input) =>
      runOperation(async (context) => {
        const result = await mergeCatalog(context, input);
        noteMerge({ ...input, root: dataRoot });
        removeFormer(context);
        return result;
      }),
    commitLedgers: (input) =>
      runOperation(async (context) => {
        const result = await commitLedgers(context, input);
        if (result.applied > 0) removeFormer(context);
        return result;
      }),
    commitFeatures: (input) =>
      runOperation(async (context) => {
        const result = await commitFeatures(context, input);
        if (result.applied > 0) removeFormer(context);
        return result;
      }),
    publishSnapshot: (input) =>
      runOperation(async (context) => {
        const result = await publish(context, input);
        if (input.record !== null) noteRecord(dataRoot, input.record);
        return result;
      }),
    recordRun: (record) =>
      runOperation(async (context) => {
        const writeRecord = (): Promise<void> => writeRunRecord(context.database, record);
        await withAttached({
          ...context,
          isContentKept: true,
          operation: () => inTransaction(context.database, writeRecord),
        });
        noteRecord(dataRoot, record);
        removeFormer(context);
      }),
  };
}

function createOperationRunner(options: WarehouseOptions): RunOperation {
  requireDriver(options.database);
  const runExclusively = createMutex();
  const rowNumbers = createRowNumbers(options.dataRoot);
  const lockLog = createLockLog(options.log);
  const migrateOnce = createMigrator();
  return (operation) =>
    runExclusively(() =>
      withLockLog(lockLog, () =>
        useDatabase({ ...options, rowNumbers }, async (context) => {
          await migrateOnce(context);
          return operation(context);
        }),
      ),
    );
}

async function withLockLog<T>(lockLog: LockLog, operation: () => Promise<T>): Promise<T> {
  try {
    const value = await operation();
    lockLog.operationSucceeded();
    return value;
  } catch (error) {
    lockLog.operationFailed(error);
    throw error;
  }
}

/**
 * Migrates the warehouse before its first use. After a failure, tries again before the next one.
 */
function createMigrator(): (context: WarehouseContext) => Promise<void> {
  let isCurrent = false;
  return async (context) => {
    if (isCurrent) return;
    await migrateWarehouse(context);
    isCurrent = true;
  };
}
