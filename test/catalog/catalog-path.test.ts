import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DataRootFixture, stepErrorOf } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

test.each([
  '../outside.csv',
  '/etc/passwd',
  'catalogs/../../x.csv',
  'runs/r/catalog.parquet',
  'RUNS/x.csv',
  'raw/x.csv',
  'tmp/x.csv',
  'temporal/x.csv',
  'lease/x.csv',
  'warehouse.duckdb',
  'warehouse.snapshot.duckdb',
  'warehouse.duckdb.wal',
  'warehouse.lock',
  'artemis.json',
  '.',
  '',
  'a\0b',
])('the path %j is refused as input', async (given) => {
  const error = await stepErrorOf(fixture.parse(given));
  expect(error.code).toBe(given === '.' ? 'catalog_missing' : 'input');
});

test('a catalog that is a link out of the data root, or to a file of the pipeline, is refused', async () => {
  const outside = path.join(os.tmpdir(), `artemis-outside-${process.pid}.csv`);
  symlinkSync(outside, fixture.path('catalogs', 'dangling.csv'));
  expect(await stepErrorOf(fixture.parse('catalogs/dangling.csv'))).toMatchObject({
    code: 'catalog_missing',
  });
  symlinkSync('/etc/hostname', fixture.path('catalogs', 'out.csv'));
  expect(await stepErrorOf(fixture.parse('catalogs/out.csv'))).toMatchObject({ code: 'input' });

  mkdirSync(fixture.path('runs'));
  writeFileSync(fixture.path('runs', 'x.csv'), 'id,url\n1,2\n');
  symlinkSync(fixture.path('runs'), fixture.path('catalogs', 'folder'));
  expect(await stepErrorOf(fixture.parse('catalogs/folder/x.csv'))).toMatchObject({
    code: 'input',
  });
});

test('a catalog that is a link to a file in the data root is read', async () => {
  fixture.write('real.csv', 'id,url\n1,http://a/\n');
  symlinkSync('real.csv', fixture.path('catalogs', 'linked.csv'));
  expect(await fixture.parse('catalogs/linked.csv')).toMatchObject({ images: 1 });
});

test('a path without a file, or of a folder without catalogs, is refused as catalog_missing', async () => {
  for (const given of ['catalogs/none.csv', 'catalogs', 'catalogs/none/x.csv']) {
    expect(await stepErrorOf(fixture.parse(given))).toMatchObject({ code: 'catalog_missing' });
  }
  expect(existsSync(fixture.path('runs'))).toBe(false);
});

test('a catalog that the child process refuses leaves nothing in tmp', async () => {
  await stepErrorOf(fixture.parse(fixture.write('listing.csv', 'nothing')));
  expect(readdirSync(fixture.path('tmp'))).toEqual([]);
});

test('a catalog in a data root without a folder for temporary files fails with disk_io', async () => {
  const catalog = fixture.write('x.csv', 'id,url\n1,http://a/\n');
  writeFileSync(fixture.path('tmp'), 'a file where the folder belongs');

  expect(await stepErrorOf(fixture.parse(catalog))).toMatchObject({ code: 'disk_io' });
});
