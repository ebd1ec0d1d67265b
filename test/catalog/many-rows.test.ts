/**
 * A catalog of several parts: its rows keep their order, with and without rows that are left out.
 */
import { DataRootFixture } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

/** More than two parts hold. */
const ROWS = 260_000;

test.each([
  ['in which every row is an image', ROWS],
  ['whose last row repeats the first', ROWS - 1],
  ['with as many repeated rows as SQL names one by one', ROWS - 100],
  ['with more repeated rows than that', ROWS - 101],
])('a catalog %s is written in its own order', async (_, images) => {
  const ids = Array.from({ length: ROWS }, (_row, n) => (n * 7_919) % images);
  const lines = ids.map((id) => `${id},http://a/${id}`);
  const result = await fixture.parse(fixture.write('listing.csv', `id,url\n${lines.join('\n')}\n`));
  expect(result).toMatchObject({ rows: ROWS, images, duplicates: ROWS - images });
  const rows = await fixture.images();
  expect(rows.length).toBe(images);
  expect(rows.findIndex(([id], n) => id !== String(ids[n]))).toBe(-1);
});
