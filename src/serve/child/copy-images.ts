/** Copies the view `image` of the snapshot as a table, a part of the images at a time. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../duckdb/sql-text';
import { queryTexts } from '../../processes/locked-database';

/** About as many images are folded at a time: DuckDB needs memory for each of them. */
const PART = 50_000;

/** The order of the tables in a snapshot that was published at the end of a run. */
const ORDER = 'collection NULLS FIRST, record, source_image_id';

/** The images of one collection. */
interface CollectionSize {
  /** The condition of its images. */
  readonly condition: string;
  /** The least and the largest number of a record; null where no image has one. */
  readonly first: number | null;
  readonly last: number | null;
  readonly images: number;
}

/**
 * The view computes each image from its own outcomes alone, so it is computed over some of them at
 * a time: a stretch of one collection, or several small collections. These follow one another in
 * the order of the table, so that nothing larger than a part is sorted.
 *
 * Before: `snapshot` is attached read-only, and `copied` is attached and empty. After:
 * `copied.main.image` has all images in the order of the catalogs.
 *
 * @param part how many images are folded at a time.
 * @throws the errors of DuckDB.
 */
export async function copyImages(connection: DuckDBConnection, part = PART): Promise<void> {
  const names = await queryTexts(
    connection,
    'SELECT column_name FROM (DESCRIBE FROM snapshot.main.image)',
  );
  const hasCollections = names.includes('collection');
  // Before version 3 of the schema every image was of the unnamed collection.
  const columns = hasCollections
    ? '*'
    : '*, NULL::VARCHAR AS collection, source_image_id AS catalog_id';
  const copy = (verb: string, source: string): Promise<unknown> =>
    connection.run(`${verb} SELECT ${columns} FROM ${source}`);
  const [view] = await queryTexts(
    connection,
    `SELECT sql FROM duckdb_views() WHERE database_name = 'snapshot' AND view_name = 'image'`,
  );
  if (view === undefined) {
    await copy('CREATE TABLE copied.main.image AS', `snapshot.main.image ORDER BY ${ORDER}`);
    return;
  }
  await copy('CREATE TABLE copied.main.image AS', 'snapshot.main.image LIMIT 0');
  await connection.run('CREATE VIEW memory.main.etl_run AS FROM snapshot.main.etl_run');
  await choosePart(connection, 'false');
  await connection.run(view);
  const sizes = await sizesOf(connection, hasCollections);
  for (const condition of partsOf(sizes, part)) {
    await choosePart(connection, condition);
    await copy('INSERT INTO copied.main.image', `memory.main.image ORDER BY ${ORDER}`);
  }
}

/** The view in `memory` reads these tables in place of those of the snapshot. */
async function choosePart(connection: DuckDBConnection, condition: string): Promise<void> {
  const images = `snapshot.main.dim_image WHERE ${condition}`;
  await connection.run(`CREATE OR REPLACE VIEW memory.main.dim_image AS FROM ${images}`);
  await connection.run(`CREATE OR REPLACE VIEW memory.main.fact_download AS
    SELECT rowid, * FROM snapshot.main.fact_download
    WHERE source_image_id IN (SELECT source_image_id FROM ${images})`);
}

async function sizesOf(
  connection: DuckDBConnection,
  hasCollections: boolean,
): Promise<readonly CollectionSize[]> {
  const collection = hasCollections ? 'collection' : 'NULL::VARCHAR';
  const reader = await connection.runAndReadAll(
    `SELECT ${collection} AS name, min(record)::DOUBLE, max(record)::DOUBLE, count(*)::DOUBLE
     FROM snapshot.main.dim_image GROUP BY name ORDER BY name NULLS FIRST`,
  );
  const number = (value: unknown): number | null => (value === null ? null : Number(value));
  return reader.getRows().map(([name, first, last, images]) => ({
    condition: conditionOf(hasCollections, typeof name === 'string' ? name : null),
    first: number(first),
    last: number(last),
    images: Number(images),
  }));
}

function conditionOf(hasCollections: boolean, name: string | null): string {
  if (!hasCollections) return 'true';
  return name === null ? 'collection IS NULL' : `collection = ${literal(name)}`;
}

/** The conditions of the parts, in the order of the table. */
function* partsOf(sizes: readonly CollectionSize[], part: number): Generator<string> {
  let small: CollectionSize[] = [];
  const joined = function* (): Generator<string> {
    if (small.length > 0) yield `(${small.map(({ condition }) => condition).join(' OR ')})`;
    small = [];
  };
  for (const size of sizes) {
    const sum = small.reduce((images, one) => images + one.images, size.images);
    if (sum > part) yield* joined();
    if (size.images > part) yield* stretchesOf(size, part);
    else small.push(size);
  }
  yield* joined();
}

/** Stretches of records that have as many images each where the images are spread evenly. */
function* stretchesOf(
  { condition, first, last, images }: CollectionSize,
  part: number,
): Generator<string> {
  if (first !== null && last !== null) {
    const length = Math.ceil((last - first + 1) / Math.ceil(images / part));
    for (let from = first; from <= last; from += length)
      yield `${condition} AND record BETWEEN ${from} AND ${from + length - 1}`;
  }
  yield `${condition} AND record IS NULL`;
}
