/**
 * Whether a collection has the content of a catalog already, so that a merge would change nothing.
 */
import fs from 'node:fs';
import { dataRootPaths } from '../../files/data-root';
import { applyLeftoverLog } from '../database-file/attached-warehouse';
import { attachReadOnly } from '../database-file/attach';
import { checkBeforeOpening } from '../database-file/check-before-opening';
import { asWarehouseError } from '../driver/duckdb-errors';
import type { WarehouseContext } from '../warehouse-context';
import { isOfCollection, type CollectionName } from './collection-sql';
import { contentDigest, findNewCatalogRows } from './catalog-rows';

/** The columns of an image that a catalog decides. */
const IMAGE_COLUMNS = 'source_image_id, record, thumb_url';

/**
 * Compares the content of the staged catalog with that of its collection. The warehouse is opened
 * read-only: other readers are not in its way, and no copy of it is made.
 *
 * @param parquet the catalog whose images are staged as `memory.main.incoming`.
 * @throws StepError db_*, disk_*.
 */
export async function isMerged(
  context: WarehouseContext,
  parquet: string,
  collection: CollectionName,
): Promise<boolean> {
  const { database, dataRoot } = context;
  const { warehouse } = dataRootPaths(dataRoot);
  if (!fs.existsSync(warehouse)) return false;
  await applyLeftoverLog({ ...context, rowNumbers: null });
  try {
    await checkBeforeOpening(database, dataRoot);
    await attachReadOnly(database, warehouse, 'merged');
    await database.run('USE merged');
    const incoming = `SELECT ${IMAGE_COLUMNS} FROM memory.main.incoming`;
    const known = `SELECT ${IMAGE_COLUMNS} FROM dim_image
      WHERE removed_at IS NULL AND ${isOfCollection(collection)}`;
    const isSame =
      (await contentDigest(database, incoming)) === (await contentDigest(database, known)) &&
      (await findNewCatalogRows(database, parquet, collection)) === null;
    await database.run('USE memory; DETACH merged');
    return isSame;
  } catch (error) {
    throw asWarehouseError(error, `read ${warehouse}`, dataRoot) ?? error;
  }
}
