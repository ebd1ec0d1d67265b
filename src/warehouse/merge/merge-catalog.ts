/** Merges the accepted rows of a catalog into the warehouse: all of them, or none. */
import fs from 'node:fs';
import type { MergeCatalogInput, MergeCatalogResult } from '../../contract/payloads';
import { dataRootPaths, underRoot } from '../../files/data-root';
import {
  inTransaction,
  applyLeftoverLog,
  withAttached,
  type TimedResult,
} from '../database-file/attached-warehouse';
import { findNewCatalogRows, replaceCatalogRows } from './catalog-rows';
import { insertInParts } from './insert-in-parts';
import { isCatalogMarked, markCatalog } from '../database-file/content-mark';
import { fileSignature } from '../database-file/file-signature';
import type { WarehouseContext } from '../warehouse-context';
import type { Database } from '../driver/database';
import { firstRow, rowsOf } from '../driver/database';
import { FLAG_TOUCHED } from '../commit/downloaded-flag';
import { collectionValue, isOfCollection } from './collection-sql';
import {
  compareWithCollection,
  findChangedImages,
  NO_DIFFERENCES,
  type Differences,
} from './find-differences';
import { isMerged } from './is-merged';
import { refuseOtherListing, refuseShrunkCatalog, refuseTakenIds } from './refuse-catalog';
import { stageImages, stageRejects } from './stage-catalog';
import { onPrivateCopy } from '../database-file/private-copy';
import { TIMESTAMP, writeRunRecord } from '../commit/write-run-record';

/**
 * Above this number of changed rows, a new table is filled and renamed, because updating several
 * columns of most rows takes minutes.
 */
const MAX_ROWS_UPDATED_IN_PLACE = 100_000;

/**
 * Above either of these numbers of catalog rows or bytes of the warehouse file, the merge is made
 * on a private copy. In place it would hold the lock for longer than a commit does.
 */
const MAX_ROWS_MERGED_IN_PLACE = 20_000;
const MAX_BYTES_MERGED_IN_PLACE = 50_000_000;

/**
 * Adds new images to the collection, updates changed ones, marks those that are missing from the
 * catalog, and unmarks those that are in it again. Merging the same catalog again changes nothing.
 * Images of other collections are not touched.
 *
 * @throws StepError `input`, `catalog_shrunk` before anything is changed; db_*, disk_*.
 */
export async function mergeCatalog(
  context: WarehouseContext,
  input: MergeCatalogInput,
): Promise<MergeCatalogResult> {
  const { database, dataRoot } = context;
  const parquet = underRoot(dataRoot, input.parquet);
  await stageRejects(database, underRoot(dataRoot, input.rejects), input.collection);
  const signature = fileSignature(parquet);
  if (isCatalogMarked(dataRoot, input.collection, signature)) {
    const { lockHeldMs } = await recordUnchanged(context, input);
    return { ...NO_DIFFERENCES, lockHeldMs };
  }
  await stageImages(database, parquet, input.collection);
  const operation = (): Promise<Differences> => mergeStagedCatalog(database, input, parquet);
  const { value, lockHeldMs } = (await isLarge(context))
    ? await mergeLarge(context, input, operation, signature)
    : await withAttached({ ...context, rowNumbers: null, operation });
  return { ...value, lockHeldMs };
}

async function mergeLarge(
  context: WarehouseContext,
  input: MergeCatalogInput,
  operation: () => Promise<Differences>,
  signature: string | null,
): Promise<TimedResult<Differences>> {
  const parquet = underRoot(context.dataRoot, input.parquet);
  if (!(await isMerged(context, parquet, input.collection))) return mergeOnCopy(context, operation);
  const { lockHeldMs } = await recordUnchanged(context, input);
  // The mark holds only if no program has written the file since the comparison.
  markCatalog(context.dataRoot, input.collection, signature);
  return { value: NO_DIFFERENCES, lockHeldMs };
}

/** Records the run and its rejects. Images keep their rows, so their row numbers stay valid. */
function recordUnchanged(
  context: WarehouseContext,
  { record, runId }: MergeCatalogInput,
): Promise<TimedResult<void>> {
  const { database } = context;
  return withAttached({
    ...context,
    isContentKept: true,
    operation: () =>
      inTransaction(database, async () => {
        await writeRunRecord(database, record);
        await writeRejects(database, runId);
      }),
  });
}

async function mergeOnCopy(
  context: WarehouseContext,
  operation: () => Promise<Differences>,
): Promise<TimedResult<Differences>> {
  await applyLeftoverLog({ ...context, rowNumbers: null });
  return onPrivateCopy({ ...context, operation });
}

/** Whether the merge is large, by the number of catalog rows and the size of the file. */
async function isLarge({ database, dataRoot }: WarehouseContext): Promise<boolean> {
  const { warehouse } = dataRootPaths(dataRoot);
  const bytes = fs.statSync(warehouse, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > MAX_BYTES_MERGED_IN_PLACE) return true;
  const { images } = await firstRow(
    database,
    'SELECT count(*) AS images FROM memory.main.incoming',
  );
  return Number(images) > MAX_ROWS_MERGED_IN_PLACE;
}

async function mergeStagedCatalog(
  database: Database,
  input: MergeCatalogInput,
  parquet: string,
): Promise<Differences> {
  const { collection } = input;
  await refuseTakenIds(database, collection);
  await findDifferences(database);
  const { known, kept, ...differences } = await compareWithCollection(database, collection);
  refuseOtherListing({ known, kept }, input);
  refuseShrunkCatalog({ known, kept, ...differences }, input);
  const newRows = await findNewCatalogRows(database, parquet, collection);
  await inTransaction(database, async () => {
    await writeImages(database, input, differences);
    if (newRows !== null) await replaceCatalogRows(database, newRows);
  });
  return differences;
}

/**
 * Fills `changed` with known images that differ from the catalog, `touched` with images whose flag
 * may change (their URL changed, or they are new and already have facts), and `added` with the row
 * numbers, in `incoming`, of new images.
 */
async function findDifferences(database: Database): Promise<void> {
  await findChangedImages(database);
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.touched AS
     SELECT source_image_id FROM memory.main.changed WHERE url_changed
     UNION ALL SELECT source_image_id FROM memory.main.incoming i
     WHERE source_image_id NOT IN (SELECT source_image_id FROM dim_image)
       AND source_image_id IN (SELECT source_image_id FROM fact_download)`,
  );
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.added AS
     SELECT i.rowid AS position FROM memory.main.incoming i
     ANTI JOIN dim_image d ON d.source_image_id = i.source_image_id ORDER BY i.record`,
  );
}

async function writeImages(
  database: Database,
  input: MergeCatalogInput,
  { removed, added }: Differences,
): Promise<void> {
  await writeRunRecord(database, input.record);
  if (removed > 0) await markRemovedImages(database, input);
  await updateChangedImages(database);
  if (added > 0) await insertNewImages(database, input, added);
  await database.run(FLAG_TOUCHED);
  await writeRejects(database, input.runId);
}

function markRemovedImages(
  database: Database,
  { collection, record }: MergeCatalogInput,
): Promise<void> {
  return database.run(
    `UPDATE dim_image SET removed_at = ${TIMESTAMP} WHERE removed_at IS NULL AND ${isOfCollection(collection)}
       AND source_image_id NOT IN (SELECT source_image_id FROM memory.main.incoming)`,
    [record.startedAt],
  );
}

async function updateChangedImages(database: Database): Promise<void> {
  const { changed } = await firstRow(
    database,
    'SELECT count(*) AS changed FROM memory.main.changed',
  );
  if (Number(changed) === 0) return;
  if (Number(changed) > MAX_ROWS_UPDATED_IN_PLACE) return refillImageTable(database);
  await database.run(
    `UPDATE dim_image SET record = c.record, thumb_url = c.thumb_url, thumb_url_hash = c.thumb_url_hash, removed_at = NULL
     FROM memory.main.changed c WHERE dim_image.source_image_id = c.source_image_id`,
  );
}

async function refillImageTable(database: Database): Promise<void> {
  const newOrOldValue = (column: string): string =>
    `CASE WHEN c.source_image_id IS NULL THEN d.${column} ELSE c.${column} END AS ${column}`;
  const { rows } = await firstRow(database, 'SELECT max(rowid) + 1 AS rows FROM dim_image');
  await createTableLike(database, 'dim_image', 'dim_image_new');
  await insertInParts(database, Number(rows), (from, to) =>
    database.run(
      `INSERT INTO dim_image_new BY NAME
       SELECT d.* REPLACE (${['record', 'thumb_url', 'thumb_url_hash'].map(newOrOldValue).join(', ')},
         CASE WHEN c.source_image_id IS NULL THEN d.removed_at END AS removed_at)
       FROM (FROM dim_image WHERE rowid >= ${from} AND rowid < ${to}) d
       LEFT JOIN memory.main.changed c ON c.source_image_id = d.source_image_id`,
    ),
  );
  await database.run('DROP TABLE dim_image');
  await database.run('ALTER TABLE dim_image_new RENAME TO dim_image');
}

/**
 * Creates an empty table with the columns, defaults and constraints of another one, whatever the
 * schema version.
 */
async function createTableLike(database: Database, table: string, name: string): Promise<void> {
  const rows = await rowsOf(
    database,
    `SELECT sql FROM duckdb_tables() WHERE database_name = current_database() AND table_name = ?`,
    [table],
  );
  const ddl = String(rows[0]?.sql);
  const head = `CREATE TABLE ${table}(`;
  if (!ddl.startsWith(head)) throw new Error(`DuckDB describes ${table} by ${ddl}`);
  await database.run(`CREATE TABLE ${name}(${ddl.slice(head.length)}`);
}

function insertNewImages(
  database: Database,
  { runId, collection }: MergeCatalogInput,
  added: number,
): Promise<void> {
  return insertInParts(database, added, async (from, to) => {
    const part = `(FROM memory.main.added WHERE rowid >= ${from} AND rowid < ${to})`;
    // The limits keep DuckDB from reading all of the catalog for each part.
    const { least, most } = await firstRow(
      database,
      `SELECT min(position) AS least, max(position) AS most FROM ${part}`,
    );
    await database.run(
      `INSERT INTO dim_image BY NAME
       SELECT i.* EXCLUDE (position), ${collectionValue(collection)}::VARCHAR AS collection, ? AS first_seen_run_id
       FROM (SELECT *, rowid AS position FROM memory.main.incoming
             WHERE rowid >= ${Number(least)} AND rowid <= ${Number(most)}) i
       SEMI JOIN ${part} a ON a.position = i.position ORDER BY i.record`,
      [runId],
    );
  });
}

async function writeRejects(database: Database, runId: string): Promise<void> {
  await database.run('DELETE FROM catalog_reject WHERE run_id = ?', [runId]);
  await database.run(
    `INSERT INTO catalog_reject BY NAME
     SELECT ? AS run_id, record, line, id AS source_image_id, code, detail
     FROM memory.main.reject ORDER BY record`,
    [runId],
  );
}
