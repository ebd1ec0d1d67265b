/** GeoParquet is read as any other Parquet, whatever its version says about its geometries. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { DataRootFixture } from '../data-root-fixture';
import { forEachTest } from './parquet-scene';

const CATALOG = 'catalogs/listing.parquet';

let connection: DuckDBConnection;
let fixture: DataRootFixture;

forEachTest((scene) => ({ connection, fixture } = scene));

test.each([
  [
    'before 1.0',
    '{"version":"0.4.0","primary_column":"shape","columns":{"shape":{"encoding":"WKB"}}}',
  ],
  [
    'of 1.1',
    '{"version":"1.1.0","primary_column":"shape","columns":{"shape":{"encoding":"WKB","geometry_types":["Point"]}}}',
  ],
  ['that is cut short', '{"version":"0.1.0"'],
])('metadata %s', async (_, geo) => {
  const point = "'\\x01\\x01\\x00\\x00\\x00' || repeat('\\x00', 16)";
  await connection.run(
    `COPY (SELECT '7' AS id, 'http://a/' AS url, (${point})::BLOB AS shape)
     TO '${fixture.path(CATALOG)}' (FORMAT parquet, KV_METADATA {geo: '${geo}'})`,
  );
  const result = await fixture.parse(CATALOG, { format: 'parquet' });
  expect(result).toMatchObject({ rows: 1, images: 1, rejected: 0 });
  expect(await fixture.images()).toEqual([['7', 'http://a/']]);
});
