/**
 * `catalog_row`: the catalog's own columns. The whole table is replaced when the catalog has
 * changed.
 */
import type { Database } from '../driver/database';
import { firstRow, identifier, literal, rowsOf } from '../driver/database';

/**
 * Returns the query that gives the new content of the table, or null when the table has this
 * content already. Must be called before the transaction: the comparison takes long and writes
 * nothing.
 */
export async function findNewCatalogRows(
  database: Database,
  parquet: string,
): Promise<string | null> {
  const source = await selectCatalogColumns(database, parquet);
  return (await hasSameContent(database, source)) ? null : source;
}

/**
 * Replaces the table in the transaction of the merge.
 *
 * @param source the query that {@link findNewCatalogRows} returned.
 */
export async function replaceCatalogRows(database: Database, source: string): Promise<void> {
  await database.run('DROP TABLE catalog_row');
  await database.run(`CREATE TABLE catalog_row AS ${source}`);
}

/** Selects all columns except the URL, which `dim_image` contains. */
async function selectCatalogColumns(database: Database, parquet: string): Promise<string> {
  const from = `read_parquet(${literal(parquet)})`;
  const columns = await rowsOf(
    database,
    `SELECT column_name FROM (DESCRIBE SELECT * FROM ${from})`,
  );
  const names = columns
    .map((row) => String(row.column_name))
    .filter((name) => name !== 'thumb_url');
  return `SELECT ${names.map(identifier).join(', ')} FROM ${from}`;
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
