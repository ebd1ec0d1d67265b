/**
 * `catalog_row`: the catalogs' own columns, of all collections, joined by name. The whole table is
 * replaced when a catalog has changed.
 */
import type { Database } from '../driver/database';
import { identifier, literal } from '../../duckdb/sql-text';
import { firstRow, rowsOf } from '../driver/database';
import { collectionValue, imageIdSql, type CollectionName } from './collection-sql';

/**
 * Returns the query that gives the new content of the table, or null when the table has this
 * content already. Must be called before the transaction: the comparison takes long and writes
 * nothing.
 */
export async function findNewCatalogRows(
  database: Database,
  parquet: string,
  collection: CollectionName,
): Promise<string | null> {
  const own = await selectCatalogColumns(database, parquet, collection);
  const others = await selectOtherCollections(database, collection);
  const source = others === null ? own : `${others} UNION ALL BY NAME ${own}`;
  return (await hasSameContent(database, source)) ? null : source;
}

/**
 * Replaces the table in the transaction of the merge.
 *
 * @param source the query that {@link findNewCatalogRows} returned.
 */
export async function replaceCatalogRows(database: Database, source: string): Promise<void> {
  await database.run(`CREATE TABLE catalog_row_new AS ${source}`);
  await database.run('DROP TABLE catalog_row');
  await database.run('ALTER TABLE catalog_row_new RENAME TO catalog_row');
}

/** Selects all columns except the URL, which `dim_image` contains. */
async function selectCatalogColumns(
  database: Database,
  parquet: string,
  collection: CollectionName,
): Promise<string> {
  const from = `read_parquet(${literal(parquet)})`;
  const columns = await rowsOf(
    database,
    `SELECT column_name FROM (DESCRIBE SELECT * FROM ${from})`,
  );
  const selected = columns
    .map((row) => String(row.column_name))
    .filter((name) => name !== 'thumb_url')
    .map((name) =>
      name === 'source_image_id' ? `${imageIdSql(collection, name)} AS ${name}` : identifier(name),
    );
  return `SELECT ${selected.join(', ')} FROM ${from}`;
}

/** Selects the rows of other collections; null when there are none, and their columns go too. */
async function selectOtherCollections(
  database: Database,
  collection: CollectionName,
): Promise<string | null> {
  const others = `FROM catalog_row SEMI JOIN
    (SELECT source_image_id FROM dim_image WHERE collection IS DISTINCT FROM ${collectionValue(collection)})
    USING (source_image_id)`;
  const found = await rowsOf(database, `SELECT 1 ${others} LIMIT 1`);
  return found.length === 0 ? null : `SELECT catalog_row.* ${others}`;
}

async function hasSameContent(database: Database, source: string): Promise<boolean> {
  const columnsOf = async (query: string): Promise<string> =>
    JSON.stringify(
      await rowsOf(database, `SELECT column_name, column_type FROM (DESCRIBE ${query})`),
    );
  if ((await columnsOf(source)) !== (await columnsOf('SELECT * FROM catalog_row'))) return false;
  return (
    (await contentDigest(database, source)) ===
    (await contentDigest(database, 'SELECT * FROM catalog_row'))
  );
}

/** A digest of the rows of a query, independent of their order. */
export async function contentDigest(database: Database, query: string): Promise<string> {
  return JSON.stringify(
    await firstRow(
      database,
      `SELECT count(*) AS n, bit_xor(hash(t)) AS digest, sum(hash(t)) AS total FROM (${query}) t`,
    ),
  );
}
