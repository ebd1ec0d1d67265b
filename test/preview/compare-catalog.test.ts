/** Another listing is recognised before a run, from the snapshot, and nothing in the data root changes. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RunInput } from '../../src/contract/run-input';
import { parseRunInput } from '../../src/input/run-input-schema';
import { findOtherListing, type OtherListing } from '../../src/preview/compare-catalog';
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

function find(
  rows: ReturnType<typeof images>,
  input: Partial<RunInput> = {},
): Promise<OtherListing | null> {
  const file = path.join(folder, 'next.csv');
  fs.writeFileSync(file, ['id,url', ...rows.map(({ id, url }) => `${id},${url}`)].join('\n'));
  return findOtherListing({
    dataRoot: fixture.root,
    input: parseRunInput({ catalog: 'catalogs/next.csv', ...input }),
    files: [{ file, name: 'next.csv' }],
    database,
    onReading: () => {
      readings += 1;
    },
  });
}

it('compares a catalog with its own collection, and reads it only where that decides', async () => {
  const before = fs.readdirSync(fixture.root, { recursive: true }).sort();
  expect(await find(images('abcd', 'other'))).toEqual({ known: 4, kept: 0, collections: ['b'] });
  expect(await find([...images('ab'), ...images('cd', 'new')])).toBeNull();
  expect(readings).toBe(2);
  expect(await find(images('abcd', 'other'), { replace: true })).toBeNull();
  expect(await find(images('abcd', 'other'), { collection: 'c' })).toBeNull();
  expect(await find(images('abcd', 'other'), { steps: ['download'] })).toBeNull();
  expect(readings).toBe(2);
  expect(fs.readdirSync(fixture.root, { recursive: true }).sort()).toEqual(before);
});

it('leaves it to the run when the snapshot cannot be read', async () => {
  fs.rmSync(fixture.path('warehouse.snapshot.duckdb'));
  fs.writeFileSync(fixture.path('warehouse.snapshot.duckdb'), 'no database');
  expect(await find(images('xyz'))).toBeNull();
});
