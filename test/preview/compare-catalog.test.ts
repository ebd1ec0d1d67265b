/**
 * Another listing is recognised before a run, from the snapshot, and nothing in the data root
 * changes.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RunInput } from '../../src/contract/run-input';
import { parseRunInput } from '../../src/input/run-input-schema';
import { parseCatalog } from '../../src/catalog/parse-catalog';
import { compareCatalog, type ComparedCatalog } from '../../src/preview/compare-catalog';
import { database, WarehouseFixture } from '../warehouse/warehouse-fixture';

let fixture: WarehouseFixture;
let folder: string;
let readings = 0;
beforeAll(async () => {
  fixture = new WarehouseFixture();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-listing-'));
  await fixture.merge('r1', images('abcd'));
  await fixture.merge('r2', images('abcd', 'other'), { collection: 'b' });
  await fixture.query('SELECT 1', true);
});
afterAll(() => {
  fixture.remove();
  fs.rmSync(folder, { recursive: true });
});

function images(ids: string, host = 'h'): readonly { readonly id: string; readonly url: string }[] {
  return Array.from(ids, (id) => ({ id, url: `http://${host}/${id}` }));
}

function write(rows: ReturnType<typeof images>, file = path.join(folder, 'next.csv')): string {
  fs.writeFileSync(file, ['id,url', ...rows.map(({ id, url }) => `${id},${url}`)].join('\n'));
  return file;
}

function compare(
  rows: ReturnType<typeof images>,
  input: Partial<RunInput> = {},
): Promise<ComparedCatalog> {
  return compareCatalog({
    dataRoot: fixture.root,
    input: parseRunInput({ catalog: 'catalogs/next.csv', ...input }),
    files: [{ file: write(rows), name: 'next.csv' }],
    database,
    onReading: () => {
      readings += 1;
    },
  });
}

const NOTHING: ComparedCatalog = { other: null, parsed: null };
const treeOf = (root: string): readonly unknown[] =>
  fs.readdirSync(root, { recursive: true }).sort();

it('compares a catalog with its own collection, and reads it only where that decides', async () => {
  const before = treeOf(fixture.root);
  const other = { known: 4, kept: 0, collections: ['b'] };
  expect(await compare(images('abcd', 'other'))).toEqual({ other, parsed: null });
  expect(readings).toBe(1);
  expect(await compare(images('abcd', 'other'), { replace: true })).toEqual(NOTHING);
  expect(await compare(images('abcd', 'other'), { collection: 'c' })).toEqual(NOTHING);
  expect(await compare(images('abcd', 'other'), { steps: ['download'] })).toEqual(NOTHING);
  expect(readings).toBe(1);
  expect(treeOf(fixture.root)).toEqual(before);
});

/** Whether the run had to read the catalog itself. */
async function isReadByRun(runId: string, rows: ReturnType<typeof images>): Promise<boolean> {
  fs.mkdirSync(fixture.path('catalogs'), { recursive: true });
  write(rows, fixture.path('catalogs/next.csv'));
  let isRead = false;
  const { images: count } = await parseCatalog({
    dataRoot: fixture.root,
    runId,
    input: parseRunInput({ catalog: 'catalogs/next.csv' }),
    database,
    onRows: () => (isRead = true),
  });
  expect(count).toBe(rows.length);
  return isRead;
}

it('a comparison leaves its parse to the run while the catalog has the same bytes, and as long as its folder is whole', async () => {
  const next = [...images('ab'), ...images('cd', 'new')];
  const { other, parsed } = await compare(next);
  expect(other).toBeNull();
  expect(path.dirname(String(parsed))).toBe(fixture.path('tmp'));
  expect(await isReadByRun('r3', [...next, ...images('e')])).toBe(true);
  expect(await isReadByRun('r4', next)).toBe(false);
  fs.rmSync(fixture.path('runs/r4'), { recursive: true });
  fs.appendFileSync(path.join(String(parsed), 'rejects.ndjson'), 'damage');
  expect(await isReadByRun('r5', next)).toBe(true);
  fs.rmSync(fixture.path('runs/r5'), { recursive: true });
  fs.rmSync(path.join(String(parsed), 'catalog.parquet'));
  expect(await isReadByRun('r6', next)).toBe(true);
  fs.rmSync(String(parsed), { recursive: true });
});

it('a comparison is left to the run when the snapshot cannot be read', async () => {
  fs.rmSync(fixture.path('warehouse.snapshot.duckdb'));
  fs.writeFileSync(fixture.path('warehouse.snapshot.duckdb'), 'no database');
  expect(await compare(images('xyz'))).toEqual(NOTHING);
});
