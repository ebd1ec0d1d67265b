/** Opens `warehouse.duckdb` for the duration of one write: attach, write, detach. */
import fs from 'node:fs';
import { dataRootPaths } from '../../files/data-root';
import { attachReadWrite } from './attach';
import type { Database } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { checkBeforeOpening } from './check-before-opening';
import { readContentMark, writeContentMark } from './content-mark';
import { fileSignature } from './file-signature';
import { onPrivateCopy } from './private-copy';
import type { RowNumbers } from '../merge/row-numbers';
import { ensureSchema } from '../schema/ensure-schema';
import type { WarehouseSchema } from '../schema/warehouse-schema';

/** The result of an operation, and how long, in ms, it held the lock of the file. */
export interface TimedResult<T> {
  readonly value: T;
  readonly lockHeldMs: number;
}

/**
 * Attaches the warehouse as the current database, runs an operation on it, and detaches it. A
 * missing warehouse is created first. The lock is held during the operation, which finds the tables
 * of the in-memory instance as `memory.main.<name>`.
 *
 * After an error the caller must close the database. The result of a failed COMMIT becomes visible
 * when the file is opened again.
 *
 * @throws StepError db_*, disk_*; other errors of the operation.
 */
export async function withAttached<T>(options: {
  readonly database: Database;
  readonly dataRoot: string;
  /** Null if the operation may change the row numbers of images. */
  readonly rowNumbers: RowNumbers | null;
  readonly schema: WarehouseSchema;
  /** True if the operation writes only tables about runs. */
  readonly isContentKept?: boolean;
  readonly operation: () => Promise<T>;
}): Promise<TimedResult<T>> {
  const { database, dataRoot, schema } = options;
  const { warehouse } = dataRootPaths(dataRoot);
  try {
    await checkBeforeOpening(database, dataRoot);
    await createWarehouseFile(options);
    const openedAt = performance.now();
    await attachReadWrite(database, warehouse, 'warehouse');
    await database.run('USE warehouse');
    await ensureSchema(database, warehouse, schema.migrations);
    // Read while no other program can write the file.
    const mark = options.isContentKept === true ? readContentMark(dataRoot) : null;
    const rowsStay = options.rowNumbers?.areValid() === true;
    const value = await options.operation();
    await database.run('USE memory; DETACH warehouse');
    if (rowsStay) options.rowNumbers.warehouseWritten();
    const lockHeldMs = Math.round(performance.now() - openedAt);
    const signature = fileSignature(warehouse);
    if (mark !== null && signature !== null)
      writeContentMark(dataRoot, { ...mark, warehouse: signature });
    return { value, lockHeldMs };
  } catch (error) {
    throw asWarehouseError(error, `write ${warehouse}`, dataRoot) ?? error;
  }
}

/**
 * Creates an empty warehouse if there is none.
 *
 * @throws StepError db_*, disk_*.
 */
export async function createWarehouseFile(context: {
  readonly database: Database;
  readonly dataRoot: string;
  readonly schema: WarehouseSchema;
}): Promise<void> {
  const { database, dataRoot, schema } = context;
  if (fs.existsSync(dataRootPaths(dataRoot).warehouse)) return;
  await onPrivateCopy({ database, dataRoot, schema, operation: doNothing });
}

/**
 * Runs an operation as one transaction of the current database. After an error the caller must
 * close the database.
 */
export async function inTransaction<T>(
  database: Database,
  operation: () => Promise<T>,
): Promise<T> {
  await database.run('BEGIN');
  const value = await operation();
  await database.run('COMMIT');
  return value;
}

/**
 * Applies the write-ahead log of a killed writer, if there is one, so that the file can be copied
 * without it.
 *
 * @throws the same errors as {@link withAttached}.
 */
export async function applyLeftoverLog(context: {
  readonly database: Database;
  readonly dataRoot: string;
  readonly rowNumbers: RowNumbers | null;
  readonly schema: WarehouseSchema;
}): Promise<void> {
  const { warehouse } = dataRootPaths(context.dataRoot);
  if (fs.existsSync(warehouse) && !fs.existsSync(`${warehouse}.wal`)) return;
  await withAttached({ ...context, operation: doNothing });
}

function doNothing(): Promise<void> {
  return Promise.resolve();
}
