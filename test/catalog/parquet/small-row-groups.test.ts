/** Parquet files with very many row groups are read as others are. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { hasSmallGroups } from '../../../src/catalog/parquet/regroup-rows';
import { query, type DataRootFixture } from '../data-root-fixture';
import { forEachTest } from './parquet-scene';

const CATALOG = 'catalogs/listing.parquet';
const ROWS = 250_000;

let connection: DuckDBConnection;
let fixture: DataRootFixture;

forEachTest((scene) => ({ connection, fixture } = scene));

/** Writes rows of several types, some of which SQL does not take as they are. */
async function write(rowsPerGroup: number): Promise<string> {
  const file = fixture.path(CATALOG);
  await connection.run(
    `COPY (
       SELECT 'i' || n AS id,
         CASE WHEN n % 1000 = 4 THEN ' https://a.test/' || n ELSE 'https://a.test/' || n END AS url,
         ('b' || n)::BLOB AS "blob ""x""", {'n': n} AS nested, DATE '2000-01-01' + (n % 1000)::INTEGER AS day
       FROM range(${ROWS}) r(n)
     ) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE ${rowsPerGroup})`,
  );
  return file;
}

test('rows of many small row groups are taken in their order, with the texts of their cells', async () => {
  expect(await hasSmallGroups(connection, await write(2_048))).toBe(true);

  const result = await fixture.parse(CATALOG, { format: 'parquet' });

  expect(result).toMatchObject({ rows: ROWS, images: ROWS, rejected: 0, duplicates: 0 });
  const [found] = await query(
    `SELECT count(*) FILTER (record = file_row_number + 1 AND source_image_id = 'i' || file_row_number
         AND thumb_url = 'https://a.test/' || file_row_number
         AND "blob ""x""" = 'b' || file_row_number AND nested = '{"n":' || file_row_number || '}'
         AND day = (DATE '2000-01-01' + (file_row_number % 1000)::INTEGER)::VARCHAR) AS rows
     FROM read_parquet('${fixture.path('runs', fixture.runId, 'catalog.parquet')}', file_row_number = true)`,
  );
  expect(found).toEqual({ rows: String(ROWS) });
}, 60_000);

test('row groups of the usual size are not written again', async () => {
  expect(await hasSmallGroups(connection, await write(122_880))).toBe(false);
});
