/**
 * A large catalog that the warehouse has already is not merged again: no copy is made of the file.
 */
import fs from 'node:fs';
import { WarehouseFixture, type CatalogImage } from '../warehouse-fixture';

/** More than are merged in place. */
const IMAGES = Array.from({ length: 20_001 }, (_, n): CatalogImage => {
  return { id: `i${n}`, url: n === 0 ? null : `http://h/${n}`, title: `t${n}` };
});

let fixture: WarehouseFixture;
beforeEach(async () => {
  fixture = new WarehouseFixture();
  await fixture.merge('r1', IMAGES);
});
afterEach(() => {
  fixture.remove();
});

/** A merge on a copy gives the warehouse another inode. */
const inode = (): number => fs.statSync(fixture.path('warehouse.duckdb')).ino;

it('only the run and its rejects are added when nothing has changed', async () => {
  const before = inode();
  expect(await fixture.merge('r2', IMAGES)).toMatchObject({ added: 0, removed: 0, renamed: 0 });
  expect(inode()).toBe(before);
  expect(await fixture.query('SELECT run_id FROM etl_run ORDER BY 1')).toEqual([
    { run_id: 'r1' },
    { run_id: 'r2' },
  ]);
  expect(
    await fixture.ask(
      'SELECT run_id, count(*)::INTEGER AS n FROM catalog_reject GROUP BY 1 ORDER BY 1',
    ),
  ).toEqual([
    { run_id: 'r1', n: 1 },
    { run_id: 'r2', n: 1 },
  ]);
});

it.each<[what: string, images: readonly CatalogImage[], query: string]>([
  [
    'another URL',
    [{ id: 'i0', url: 'http://h/0', title: 't0' }, ...IMAGES.slice(1)],
    "FROM dim_image WHERE thumb_url = 'http://h/0'",
  ],
  [
    'another column',
    [{ id: 'i0', url: null, title: 'new' }, ...IMAGES.slice(1)],
    "FROM catalog_row WHERE title = 'new'",
  ],
  ['an image less', IMAGES.slice(0, -1), 'FROM dim_image WHERE removed_at IS NOT NULL'],
])('%s is merged', async (_what, images, query) => {
  await fixture.merge('r2', images);
  expect(await fixture.query(`SELECT count(*)::INTEGER AS n ${query}`)).toEqual([{ n: 1 }]);
});
