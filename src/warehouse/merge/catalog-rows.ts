/** `catalog_row`: the catalog's own columns, replaced whole when the catalog is another. */
import type { Database } from '../driver/database';
import { firstRow, identifier, literal, rowsOf } from '../driver/database';

/** How to replace the table; null when it holds the same already. Before the transaction: comparing takes long, and writes nothing. */
export async function findNewCatalogRows(
  database: Database,
  parquet: string,
): Promise<string | null> {
  const source = await selectFrom(database, parquet);
  return (await isSame(database, source)) ? null : source;
}

/** Swaps the table, in the transaction of the merge. `source` as {@link findNewCatalogRows} gave it. */
export async function replaceCatalogRows(database: Database, source: string): Promise<void> {
  await database.run('DROP TABLE catalog_row');
  await database.run(`CREATE TABLE catalog_row AS ${source}`);
}

/** All columns but the URL, which `dim_image` has. */
async function selectFrom(database: Database, parquet: string): Promise<string> {
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

async function isSame(database: Database, source: string): Promise<boolean> {
  const columnsOf = async (query: string): Promise<string> =>
    JSON.stringify(
      await rowsOf(database, `SELECT column_name, column_type FROM (DESCRIBE ${query})`),
    );
  if ((await columnsOf(source)) !== (await columnsOf('SELECT * FROM catalog_row'))) return false;
  return (
    (await digestOf(database, source)) === (await digestOf(database, 'SELECT * FROM catalog_row'))
  );
}

/** Order does not count. */
async function digestOf(database: Database, query: string): Promise<string> {
  return JSON.stringify(
    await firstRow(
      database,
      `SELECT count(*) AS n, bit_xor(hash(t)) AS digest, sum(hash(t)) AS total FROM (${query}) t`,
    ),
  );
}
