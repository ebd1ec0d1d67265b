/** Opens `warehouse.duckdb` for the instant of a write: attach, work, detach. The only place that does. */
import fs from 'node:fs';
import { dataRootPaths } from '../../files/data-root';
import { attach } from './attach';
import type { Database } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { checkBeforeOpening } from './check-before-opening';
import { onPrivateCopy } from './private-copy';
import type { RowNumbers } from '../merge/row-numbers';
import { ensureSchema } from '../schema/ensure-schema';
import type { WarehouseSchema } from '../schema/warehouse-schema';

/** How long the file was open. **Units** ms. */
export interface Held<T> {
  readonly value: T;
  readonly lockHeldMs: number;
}

/**
 * Attaches the warehouse (made when it is not there) as the current database, runs `work`, detaches. The lock is held meanwhile.
 * Tables of the in-memory instance are `memory.main.<name>` to `work`. After an error the caller closes the database:
 * what a failed COMMIT left is seen when the file is opened again.
 *
 * **Errors** StepError db_*, disk_*; others as they came.
 */
export async function withAttached<T>(options: {
  readonly database: Database;
  readonly dataRoot: string;
  /** Null: `work` may move images. */
  readonly rowNumbers: RowNumbers | null;
  readonly schema: WarehouseSchema;
  readonly work: () => Promise<T>;
}): Promise<Held<T>> {
  const { database, dataRoot, schema } = options;
  const { warehouse } = dataRootPaths(dataRoot);
  try {
    await checkBeforeOpening(database, dataRoot);
    if (!fs.existsSync(warehouse))
      await onPrivateCopy({ database, dataRoot, schema, work: nothing });
    const since = performance.now();
    await attach(database, warehouse, 'warehouse');
    await database.run('USE warehouse');
    await ensureSchema(database, warehouse, schema.migrations);
    const rowsStay = options.rowNumbers?.hold() === true;
    const value = await options.work();
    await database.run('USE memory; DETACH warehouse');
    if (rowsStay) options.rowNumbers.keep();
    return { value, lockHeldMs: Math.round(performance.now() - since) };
  } catch (error) {
    throw asWarehouseError(error, `write ${warehouse}`) ?? error;
  }
}

/** Runs `work` as one transaction of the current database; an error leaves it to the caller to close the database. */
export async function inTransaction<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await database.run('BEGIN');
  const value = await work();
  await database.run('COMMIT');
  return value;
}

/**
 * Folds in the write-ahead log that a killed writer left, if there is one: the file stands alone afterwards, and may be copied.
 *
 * **Errors** as {@link withAttached}.
 */
export async function settle(context: {
  readonly database: Database;
  readonly dataRoot: string;
  readonly rowNumbers: RowNumbers | null;
  readonly schema: WarehouseSchema;
}): Promise<void> {
  const { warehouse } = dataRootPaths(context.dataRoot);
  if (fs.existsSync(warehouse) && !fs.existsSync(`${warehouse}.wal`)) return;
  await withAttached({ ...context, work: nothing });
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
