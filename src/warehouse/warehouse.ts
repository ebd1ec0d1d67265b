/** The warehouse: the one module that writes `warehouse.duckdb`. One thing at a time, one instance at a time. */
import path from 'node:path';
import type { Logger } from 'pino';
import type { DatabaseConfig } from '../config';
import type {
  CommitLedgersInput,
  CommitLedgersResult,
  MergeCatalogInput,
  MergeCatalogResult,
  PublishSnapshotInput,
  PublishSnapshotResult,
  RunRecord,
} from '../contract/payloads';
import fs from 'node:fs';
import { dataRootPaths } from '../files/data-root';
import { ensureDirectory } from '../files/directories';
import { tempName } from '../files/temp-names';
import { inTransaction, withAttached } from './attached-warehouse';
import { removeFormer } from './former-warehouse';
import { commitLedgers, type WarehouseContext } from './commit-ledgers';
import { asWarehouseError } from './duckdb-errors';
import { mergeCatalog } from './merge-catalog';
import { migrateWarehouse } from './migrate-warehouse';
import type { Migration } from './migrations';
import { openDatabase, requireDriver } from './open-database';
import { createPublisher } from './publish-snapshot';
import { writeRunRecord } from './record-run';

/** What the warehouse worker does. Calls queue up: one runs at a time. **Errors** StepError db_*, disk_* and each one's own. */
export interface Warehouse {
  mergeCatalog(input: MergeCatalogInput): Promise<MergeCatalogResult>;
  commitLedgers(input: CommitLedgersInput): Promise<CommitLedgersResult>;
  publishSnapshot(input: PublishSnapshotInput): Promise<PublishSnapshotResult>;
  recordRun(record: RunRecord): Promise<void>;
}

/**
 * The warehouse of a data root. Only a process that holds the writer lock may use it.
 *
 * Every call opens a fresh in-memory DuckDB, attaches the file for the instant of the write, and closes all: nothing of a call
 * that failed is left to the next.
 *
 * **Errors** DriverMissing.
 */
export function createWarehouse(options: {
  readonly dataRoot: string;
  readonly database: DatabaseConfig;
  readonly log: Logger;
  /** The schema's versions; the product's own when absent. */
  readonly migrations?: readonly Migration[];
}): Warehouse {
  requireDriver(options.database);
  const oneAtATime = createMutex();
  const publish = createPublisher();
  const migrateOnce = createMigrator();
  const withDatabase = <T>(work: (context: WarehouseContext) => Promise<T>): Promise<T> =>
    oneAtATime(() =>
      useDatabase(options, async (context) => {
        await migrateOnce(context);
        return work(context);
      }),
    );
  const commit = <T>(
    work: (context: WarehouseContext) => Promise<T>,
    isCommit: (result: T) => boolean = () => true,
  ): Promise<T> =>
    withDatabase(async (context) => {
      const result = await work(context);
      if (isCommit(result)) removeFormer(context);
      return result;
    });
  return {
    mergeCatalog: (input) => commit((context) => mergeCatalog(context, input)),
    commitLedgers: (input) =>
      commit(
        (context) => commitLedgers(context, input),
        ({ applied }) => applied > 0,
      ),
    publishSnapshot: (input) => withDatabase((context) => publish(context, input)),
    recordRun: (record) =>
      commit(async (context) => {
        await withAttached({
          ...context,
          work: () =>
            inTransaction(context.database, () => writeRunRecord(context.database, record)),
        });
      }),
  };
}

async function useDatabase<T>(
  { database: config, ...options }: Parameters<typeof createWarehouse>[0],
  work: (context: WarehouseContext) => Promise<T>,
): Promise<T> {
  const { tmp } = dataRootPaths(options.dataRoot);
  ensureDirectory(tmp);
  const spill = path.join(tmp, tempName('spill'));
  const database = await openDatabase(config, spill);
  try {
    return await work({ database, ...options });
  } catch (error) {
    throw asWarehouseError(error, 'work on the warehouse') ?? error;
  } finally {
    await database.close();
    fs.rmSync(spill, { recursive: true, force: true });
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
