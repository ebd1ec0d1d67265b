/**
 * The same bytes with the same options are not parsed again, whatever run of the data root read
 * them.
 */
import fs from 'node:fs';
import { parseCatalog } from '../../src/catalog/parse-catalog';
import type { ParseCatalogResult } from '../../src/contract/payloads';
import type { ResolvedInput } from '../../src/contract/run-input';
import { DataRootFixture, database, resolvedInput } from './data-root-fixture';

const TEXT = 'id,url\n1,http://a/1\n,http://a/2\n3,http://a/3\n';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

/** Parses as the run `runId`. `isRead` is false when no child process read the catalog. */
async function parseAs(
  runId: string,
  catalog: string,
  input: Partial<ResolvedInput> = {},
): Promise<{ readonly isRead: boolean; readonly result: ParseCatalogResult }> {
  let isRead = false;
  const result = await parseCatalog({
    dataRoot: fixture.root,
    runId,
    input: { ...resolvedInput(catalog), ...input },
    database,
    onRows: () => (isRead = true),
  });
  return { isRead, result };
}

const bytesOf = (runId: string, name: string): Buffer =>
  fs.readFileSync(fixture.path('runs', runId, name));

test('a run has the files and counts of an earlier one, under any name of the catalog, also when it parses again', async () => {
  const first = await parseAs('one', fixture.write('march.csv', TEXT));
  expect(first.isRead).toBe(true);
  const copy = fixture.write('april.csv', TEXT);
  for (let time = 0; time < 2; time += 1) {
    const { isRead, result } = await parseAs('two', copy);
    expect(isRead).toBe(false);
    const { parquet: _p, rejects: _r, catalog: firstCatalog, ...counts } = first.result;
    expect(result).toMatchObject({ ...counts, parquet: 'runs/two/catalog.parquet' });
    expect(result.catalog).toEqual({ ...firstCatalog, path: 'catalogs/april.csv' });
    for (const name of ['catalog.parquet', 'rejects.ndjson'])
      expect(bytesOf('two', name)).toEqual(bytesOf('one', name));
  }
  expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
});

test('other bytes, other options, and files that were changed since are read', async () => {
  const catalog = fixture.write('march.csv', TEXT);
  await parseAs('one', catalog);
  expect((await parseAs('two', fixture.write('april.csv', `${TEXT}4,http://a/4\n`))).isRead).toBe(
    true,
  );
  expect((await parseAs('three', catalog, { many: true })).isRead).toBe(true);
  fs.appendFileSync(fixture.path('runs', 'one', 'catalog.parquet'), 'damage');
  const { isRead, result } = await parseAs('four', catalog);
  expect([isRead, result.images]).toEqual([true, 2]);
});
