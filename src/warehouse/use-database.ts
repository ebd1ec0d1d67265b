/**
 * Opens a new in-memory DuckDB for each operation on the warehouse, so that a failed operation
 * leaves nothing behind.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { DatabaseConfig } from '../config';
import { dataRootPaths } from '../files/data-root';
import { ensureDirectory } from '../files/directories';
import { asDiskError } from '../files/disk-errors';
import { tempName } from '../files/temp-names';
import type { WarehouseContext } from './warehouse-context';
import { asWarehouseError } from './driver/duckdb-errors';
import { openDatabase } from './driver/open-database';
import { createRowNumbers, type RowNumbers } from './merge/row-numbers';
import { SCHEMA, type WarehouseSchema } from './schema/warehouse-schema';

export interface WarehouseOptions {
  readonly dataRoot: string;
  readonly database: DatabaseConfig;
  readonly log: Logger;
  /** The schema of this program if absent. */
  readonly schema?: WarehouseSchema;
}

/**
 * Runs an operation with a new database, which is closed afterwards.
 *
 * @throws StepError db_*, disk_*; other errors of the operation.
 */
export async function useDatabase<T>(
  options: WarehouseOptions & { readonly rowNumbers?: RowNumbers },
  operation: (context: WarehouseContext) => Promise<T>,
): Promise<T> {
  const {
    database: config,
    rowNumbers = createRowNumbers(options.dataRoot),
    schema = SCHEMA,
    ...rest
  } = options;
  const { tmp } = dataRootPaths(options.dataRoot);
  ensureDirectory(tmp);
  const spill = path.join(tmp, tempName('spill'));
  const database = await openDatabase(config, spill);
  try {
    return await operation({ ...rest, database, rowNumbers, schema });
  } catch (error) {
    const what = 'work on the warehouse';
    throw asWarehouseError(error, what, options.dataRoot) ?? asDiskError(error, what) ?? error;
  } finally {
    await database.close();
    fs.rmSync(spill, { recursive: true, force: true });
  }
}
