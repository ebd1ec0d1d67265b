/** Compares a parsed catalog, which no run has merged, with its collection in the snapshot. */
import fs from 'node:fs';
import path from 'node:path';
import type { DatabaseConfig } from '../../config';
import { dataRootPaths } from '../../files/data-root';
import type { Database } from '../driver/database';
import { literal } from '../../duckdb/sql-text';
import { firstRow, rowsOf } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { openDatabase } from '../driver/open-database';
import { isOfCollection, type CollectionName } from '../merge/collection-sql';
import {
  compareWithCollection,
  findChangedImages,
  type Comparison,
} from '../merge/find-differences';
import { stageImages } from '../merge/stage-catalog';
import { latestVersion } from '../schema/migrations';
import { SCHEMA } from '../schema/warehouse-schema';

export { isSameListing } from '../merge/refuse-catalog';

export interface SnapshotToCompare {
  readonly dataRoot: string;
  readonly database: DatabaseConfig;
  readonly collection: CollectionName;
  /** A folder outside of the data root, in which nothing is changed. */
  readonly scratch: string;
}

/**
 * The names of the collections that have images, without the unnamed one; null when the snapshot
 * has no image of the collection, or is missing or of another program: there is nothing to compare
 * with.
 */
export function collectionsToCompare(
  options: SnapshotToCompare,
): Promise<readonly string[] | null> {
  return onSnapshot(options, null, async (database) => {
    const { version } = await firstRow(
      database,
      'SELECT max(version) AS version FROM schema_version',
    );
    if (Number(version) !== latestVersion(SCHEMA.migrations)) return null;
    const known = `FROM dim_image WHERE removed_at IS NULL AND ${isOfCollection(options.collection)}`;
    if ((await rowsOf(database, `SELECT 1 ${known} LIMIT 1`)).length === 0) return null;
    const names = await rowsOf(
      database,
      'SELECT DISTINCT collection FROM dim_image WHERE collection IS NOT NULL',
    );
    return names.map(({ collection }) => String(collection));
  });
}

/** @param parquet the parsed catalog. */
export function compareWithSnapshot(
  options: SnapshotToCompare,
  parquet: string,
): Promise<Pick<Comparison, 'known' | 'kept'>> {
  return onSnapshot(options, { known: 0, kept: 0 }, async (database) => {
    await stageImages(database, parquet, options.collection);
    await findChangedImages(database);
    return compareWithCollection(database, options.collection);
  });
}

/**
 * @param otherwise the result where there is no snapshot, or a log beside it.
 * @throws StepError db_*; DuckDB's other errors.
 */
async function onSnapshot<T, Otherwise>(
  { dataRoot, database: config, scratch }: SnapshotToCompare,
  otherwise: Otherwise,
  operation: (database: Database) => Promise<T>,
): Promise<T | Otherwise> {
  const { snapshot } = dataRootPaths(dataRoot);
  // A log beside it may contain what the snapshot lacks.
  if (!fs.existsSync(snapshot) || fs.existsSync(`${snapshot}.wal`)) return otherwise;
  const database = await openDatabase(config, path.join(scratch, 'spill'));
  try {
    await database.run(`ATTACH ${literal(snapshot)} AS snapshot (READ_ONLY); USE snapshot`);
    return await operation(database);
  } catch (error) {
    throw asWarehouseError(error, `read ${snapshot}`, dataRoot) ?? error;
  } finally {
    await database.close();
  }
}
