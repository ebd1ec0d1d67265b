/** The warehouse: the one module that writes `warehouse.duckdb`. One thing at a time, one instance at a time. */
import type {
  CommitLedgersInput,
  CommitLedgersResult,
  MergeCatalogInput,
  MergeCatalogResult,
  PublishSnapshotInput,
  PublishSnapshotResult,
  RunRecord,
} from '../contract/payloads';
import { noteMerge } from '../files/run/merge-mark';
import { noteRecord } from '../files/run/recorded-run';
import { inTransaction, withAttached } from './database-file/attached-warehouse';
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
import { useDatabase, type WarehouseOptions } from './use-database';

/** What the warehouse worker does. Calls queue up: one runs at a time. **Errors** StepError db_*, disk_* and each one's own. */
export interface Warehouse {
  mergeCatalog(input: MergeCatalogInput): Promise<MergeCatalogResult>;
  commitLedgers(input: CommitLedgersInput): Promise<CommitLedgersResult>;
  publishSnapshot(input: PublishSnapshotInput): Promise<PublishSnapshotResult>;
  recordRun(record: RunRecord): Promise<void>;
}

/** Runs one piece of work on the warehouse, when those before it have ended. */
type Session = <T>(work: (context: WarehouseContext) => Promise<T>) => Promise<T>;

/**
 * The warehouse of a data root. Only a process that holds the writer lock may use it.
 *
 * What catalogs and ledgers do not tell (which catalogs were merged, in which order; how runs ended) is noted on disk once it is
 * durable: a rebuild needs it.
 *
 * **Errors** DriverMissing.
 */
export function createWarehouse(options: WarehouseOptions): Warehouse {
  const { dataRoot } = options;
  const session = createSession(options);
  const publish = createPublisher();
  return {
    mergeCatalog: (input) =>
      session(async (context) => {
        const result = await mergeCatalog(context, input);
        noteMerge({ ...input, root: dataRoot });
        removeFormer(context);
        return result;
      }),
    commitLedgers: (input) =>
      session(async (context) => {
        const result = await commitLedgers(context, input);
        if (result.applied > 0) removeFormer(context);
        return result;
      }),
    publishSnapshot: (input) =>
      session(async (context) => {
        const result = await publish(context, input);
        if (input.record !== null) noteRecord(dataRoot, input.record);
        return result;
      }),
    recordRun: (record) =>
      session(async (context) => {
        const write = (): Promise<void> => writeRunRecord(context.database, record);
        await withAttached({ ...context, work: () => inTransaction(context.database, write) });
        noteRecord(dataRoot, record);
        removeFormer(context);
      }),
  };
}

function createSession(options: WarehouseOptions): Session {
  requireDriver(options.database);
  const oneAtATime = createMutex();
  const rowNumbers = createRowNumbers(options.dataRoot);
  const lockLog = createLockLog(options.log);
  const migrateOnce = createMigrator();
  return (work) =>
    oneAtATime(() =>
      telling(lockLog, () =>
        useDatabase({ ...options, rowNumbers }, async (context) => {
          await migrateOnce(context);
          return work(context);
        }),
      ),
    );
}

async function telling<T>(lockLog: LockLog, work: () => Promise<T>): Promise<T> {
  try {
    const value = await work();
    lockLog.worked();
    return value;
  } catch (error) {
    lockLog.failed(error);
    throw error;
  }
}

/** Migrates before the first use; again before the next one when that went wrong. */
function createMigrator(): (context: WarehouseContext) => Promise<void> {
  let isCurrent = false;
  return async (context) => {
    if (isCurrent) return;
    await migrateWarehouse(context);
    isCurrent = true;
  };
}

/** Runs tasks one after another. */
function createMutex(): <T>(task: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = tail.then(task);
    tail = result.catch(() => undefined);
    return result;
  };
}
