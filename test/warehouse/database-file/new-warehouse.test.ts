/** The warehouse of a new data root is made while its first catalog is read. */
import fs from 'node:fs';
import { WarehouseFixture } from '../warehouse-fixture';

const CATALOG = [{ id: 'i1', url: 'http://h/i1' }];
const COUNT = 'SELECT count(*) AS n FROM dim_image';

let fixture: WarehouseFixture;
let file: string;
beforeEach(() => {
  fixture = new WarehouseFixture();
  file = fixture.path('warehouse.duckdb');
});
afterEach(() => {
  fixture.remove();
});

it('a new warehouse has the tables, and no rows, before anything is merged', async () => {
  await fixture.warehouse.createIfMissing();
  expect(await fixture.query(COUNT)).toEqual([{ n: 0 }]);
  expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
});

it('gets the images of a merge that was asked for while it was made', async () => {
  await fixture.prepare('r1', CATALOG);
  await Promise.all([
    fixture.warehouse.createIfMissing(),
    fixture.warehouse.mergeCatalog(fixture.mergeInput('r1')),
  ]);
  expect(await fixture.query(COUNT)).toEqual([{ n: 1 }]);
});

it('a warehouse that is there is left as it is', async () => {
  await fixture.merge('r1', CATALOG);
  const before = fs.readFileSync(file);
  const { ino } = fs.statSync(file);
  await fixture.warehouse.createIfMissing();
  expect(fs.readFileSync(file).equals(before)).toBe(true);
  expect(fs.statSync(file).ino).toBe(ino);
});

it('a new warehouse is not made beside a write-ahead log, which the first merge reports and moves aside', async () => {
  const log = `${file}.wal`;
  fs.writeFileSync(log, 'junk');
  await fixture.warehouse.createIfMissing();
  expect(fs.readFileSync(log, 'utf8')).toBe('junk');
  await fixture.prepare('r1', CATALOG);
  const merging = fixture.warehouse.mergeCatalog(fixture.mergeInput('r1'));
  await expect(merging).rejects.toMatchObject({ code: 'db_wal_corrupt' });
});
