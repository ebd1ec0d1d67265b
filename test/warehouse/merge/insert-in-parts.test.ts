/** Merges of more images than one transaction adds. */
import { DuckDBInstance } from '@duckdb/node-api';
import { WarehouseFixture } from '../warehouse-fixture';

/** One image more than a transaction adds, beside the three that are known. */
const IMAGES = 4 * 122_880 + 4;
const abc = ['a', 'b', 'c'].map((id) => ({ id, url: `http://h/${id}` }));

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

/** The three images, and others with the numbers of their records as ids. */
async function mergeMany(runId: string, { host = 'h', lastId = String(IMAGES) } = {}) {
  await fixture.prepare(runId, abc);
  const { parquet, ...input } = fixture.mergeInput(runId, '2026-01-02T00:00:00.000Z');
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  await connection.run(
    `COPY (SELECT CASE n WHEN 1 THEN 'a' WHEN 2 THEN 'b' WHEN 300000 THEN 'c' WHEN ${IMAGES} THEN '${lastId}' ELSE n::VARCHAR END
             AS source_image_id,
             n::BIGINT AS record, 'http://${host}/' || source_image_id AS thumb_url
           FROM range(1, ${IMAGES + 1}) r(n) ORDER BY n)
     TO '${fixture.path(parquet)}' (FORMAT parquet)`,
  );
  connection.closeSync();
  database.closeSync();
  return fixture.warehouse.mergeCatalog({ ...input, parquet, replace: true });
}

const content = (host: string): string =>
  `SELECT count(*) AS images, count(DISTINCT source_image_id) AS ids, sum(record) AS records,
     count(*) FILTER (thumb_url = 'http://${host}/' || source_image_id) AS urls FROM dim_image`;
const whole = {
  images: IMAGES,
  ids: IMAGES,
  records: (IMAGES * (IMAGES + 1)) / 2,
  urls: IMAGES,
};

it('adds and changes every image, and the new ones stand in the order of the catalog', async () => {
  await fixture.merge('r1', abc);
  expect(await mergeMany('r2')).toMatchObject({ added: IMAGES - 3, urlChanged: 0 });
  expect(await fixture.query(content('h'))).toEqual([whole]);
  expect(
    await fixture.ask(
      `SELECT count(*) AS misplaced FROM (
         SELECT record < lag(record) OVER (ORDER BY rowid) AS is_back FROM dim_image WHERE first_seen_run_id = 'r2') WHERE is_back`,
    ),
  ).toEqual([{ misplaced: 0 }]);
  expect(await mergeMany('r3', { host: 'other' })).toMatchObject({ urlChanged: IMAGES });
  expect(await fixture.query(content('other'))).toEqual([whole]);
});

it('an insert in parts leaves the warehouse as it was when the last of the transactions fails', async () => {
  await fixture.merge('r1', abc);
  await expect(mergeMany('r2', { lastId: '7' })).rejects.toThrow(/Duplicate key/);
  const former = { images: 3, ids: 3, records: 6, urls: 3 };
  expect(await fixture.query(content('h'))).toEqual([former]);
  expect(await fixture.ask('SELECT run_id FROM etl_run')).toEqual([{ run_id: 'r1' }]);
});
