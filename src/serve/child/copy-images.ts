/** Copies the view `image` of the snapshot as a table, a part of the images at a time. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryNumber } from '../../processes/locked-database';

/** About as many images are folded at a time: DuckDB needs memory for each of them. */
const PART = 100_000;

/** The order of the tables in a snapshot that was published at the end of a run. */
const ORDER = 'collection NULLS FIRST, record, source_image_id';

/** The tables that the view reads, and whose rows belong to one image each. */
const OF_IMAGES = ['dim_image', 'fact_download'];

/** The other tables that it reads. */
const WHOLE = ['etl_run'];

/**
 * The view computes each image from its own outcomes alone, so it is computed over a part of them
 * at a time. Parts are chosen by a hash, because one run may have the images in any order.
 *
 * Before: `snapshot` is attached read-only, and `copied` and `parts` are attached and empty. After:
 * `copied.main.image` has all images in the order of the catalogs.
 *
 * @param part how many images are folded at a time.
 * @throws the errors of DuckDB.
 */
export async function copyImages(connection: DuckDBConnection, part = PART): Promise<void> {
  const view = await definitionOfView(connection);
  const columns = await addedColumns(connection);
  const create = (target: string, source: string): Promise<unknown> =>
    connection.run(`CREATE TABLE ${target} AS SELECT ${columns} FROM ${source}`);
  const images = await queryNumber(connection, 'SELECT count(*) FROM snapshot.main.dim_image');
  const parts = view === null ? 1 : Math.max(1, Math.ceil(images / part));
  if (view === null || parts === 1) {
    await create('copied.main.image', `snapshot.main.image ORDER BY ${ORDER}`);
    return;
  }
  for (const table of WHOLE)
    await connection.run(`CREATE VIEW memory.main.${table} AS FROM snapshot.main.${table}`);
  for (let number = 0; number < parts; number += 1) {
    for (const table of OF_IMAGES)
      await connection.run(`CREATE OR REPLACE VIEW memory.main.${table} AS
        SELECT rowid, * FROM snapshot.main.${table} WHERE hash(source_image_id) % ${parts} = ${number}`);
    if (number === 0) {
      await connection.run(view);
      await create('parts.main.image', 'memory.main.image');
    } else
      await connection.run(`INSERT INTO parts.main.image SELECT ${columns} FROM memory.main.image`);
  }
  await connection.run(`CREATE TABLE copied.main.image AS FROM parts.main.image ORDER BY ${ORDER}`);
}

/** @returns the statement that creates the view; null for an older snapshot, which has a table. */
async function definitionOfView(connection: DuckDBConnection): Promise<string | null> {
  const reader = await connection.runAndReadAll(
    "SELECT sql FROM duckdb_views() WHERE database_name = 'snapshot' AND view_name = 'image'",
  );
  const [row] = reader.getRows();
  return row === undefined ? null : String(row[0]);
}

/** Before version 3 of the schema every image was of the unnamed collection. */
async function addedColumns(connection: DuckDBConnection): Promise<string> {
  const described = await connection.runAndReadAll(
    `SELECT 1 FROM (DESCRIBE FROM snapshot.main.image) WHERE column_name = 'collection'`,
  );
  return described.currentRowCount > 0
    ? '*'
    : '*, NULL::VARCHAR AS collection, source_image_id AS catalog_id';
}
