/**
 * A parsed catalog that a merge has found in the warehouse is not compared again while neither has
 * changed. The tests overwrite its file without changing its signature, so a merge that reads it
 * fails.
 */
import fs from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import type { MergeCatalogResult } from '../../../src/contract/payloads';
import { ledgerLine, WarehouseFixture, type CatalogImage } from '../warehouse-fixture';

/** More than are merged in place. */
const IMAGES = Array.from({ length: 20_001 }, (_, n): CatalogImage => {
  return { id: `i${n}`, url: `http://h/${n}`, title: `t${n}` };
});

let fixture: WarehouseFixture;

/** The run `r1` merges the catalog, and `r2` finds it in the warehouse. */
beforeEach(async () => {
  fixture = new WarehouseFixture();
  await fixture.merge('r1', IMAGES);
  await publish();
  await fixture.prepare('r2', IMAGES);
  setWholeSeconds('r2');
  await merge('r2');
});
afterEach(() => {
  fixture.remove();
});

async function publish(): Promise<void> {
  await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
}

function merge(runId: string, collection?: string): Promise<MergeCatalogResult> {
  const input = fixture.mergeInput(runId);
  return fixture.warehouse.mergeCatalog(
    collection === undefined ? input : { ...input, collection },
  );
}

const parquetOf = (runId: string): string => fixture.path('runs', runId, 'catalog.parquet');

function setWholeSeconds(runId: string): void {
  fs.utimesSync(parquetOf(runId), 1_700_000_000, 1_700_000_000);
}

/** As a run does it that reads the same bytes: a hard link to the catalog of `r2`. */
function linkCatalog(runId: string): void {
  fixture.openRun(runId, '2026-01-02T00:00:00.000Z');
  fs.linkSync(parquetOf('r2'), parquetOf(runId));
  fs.copyFileSync(
    fixture.path('runs', 'r2', 'rejects.ndjson'),
    fixture.path('runs', runId, 'rejects.ndjson'),
  );
}

/** Overwrites the content of a catalog, which keeps size, modification time and inode. */
function makeUnreadable(runId: string): void {
  const file = fs.openSync(parquetOf(runId), 'r+');
  fs.writeSync(file, Buffer.alloc(fs.fstatSync(file).size));
  fs.closeSync(file);
  setWholeSeconds(runId);
}

async function changeElsewhere(statement: string): Promise<void> {
  const instance = await DuckDBInstance.create(fixture.path('warehouse.duckdb'));
  const connection = await instance.connect();
  await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

test('the file of a catalog that was found in the warehouse is not read again', async () => {
  linkCatalog('r3');
  makeUnreadable('r3');
  expect(await merge('r3')).toMatchObject({ added: 0, removed: 0, urlChanged: 0 });
  // Publications and records of runs keep the mark.
  await publish();
  await fixture.warehouse.recordRun(fixture.record('r3', '2026-01-02T00:00:00.000Z'));
  linkCatalog('r4');
  expect(await merge('r4')).toMatchObject({ added: 0, removed: 0, urlChanged: 0 });
  const runs = ['r1', 'r2', 'r3', 'r4'].map((run_id) => ({ run_id }));
  expect(await fixture.query('SELECT run_id FROM etl_run ORDER BY 1')).toEqual(runs);
  expect(await fixture.ask('SELECT run_id FROM catalog_reject ORDER BY 1')).toEqual(runs);
});

test('another file with the same content is compared, and then known', async () => {
  await fixture.prepare('r3', IMAGES);
  setWholeSeconds('r3');
  expect(await merge('r3')).toMatchObject({ added: 0, removed: 0 });
  makeUnreadable('r3');
  expect(await merge('r3')).toMatchObject({ added: 0, removed: 0 });
});

test('a changed catalog is merged, and the former one after it too', async () => {
  await fixture.merge('r3', [...IMAGES, { id: 'new', url: 'http://h/new' }]);
  await publish();
  linkCatalog('r4');
  expect(await merge('r4')).toMatchObject({ added: 0, removed: 1 });
});

test('a change of the warehouse by another program is undone', async () => {
  await changeElsewhere(
    "UPDATE dim_image SET thumb_url = 'http://other/' WHERE source_image_id = 'i7'",
  );
  await publish();
  linkCatalog('r3');
  expect(await merge('r3')).toMatchObject({ added: 0, removed: 0 });
  expect(
    await fixture.query("SELECT thumb_url FROM dim_image WHERE source_image_id = 'i7'"),
  ).toEqual([{ thumb_url: 'http://h/7' }]);
});

test('a restored backup of the warehouse gets the catalog once more', async () => {
  fs.copyFileSync(fixture.path('warehouse.duckdb'), fixture.path('backup'));
  await fixture.merge('r3', [...IMAGES, { id: 'new', url: 'http://h/new' }]);
  await publish();
  await fixture.prepare('r4', [...IMAGES, { id: 'new', url: 'http://h/new' }]);
  await merge('r4');
  fs.renameSync(fixture.path('backup'), fixture.path('warehouse.duckdb'));
  await publish();
  expect(await merge('r4')).toMatchObject({ added: 1 });
});

test('the same file is merged into another collection', async () => {
  linkCatalog('r3');
  expect(await merge('r3', 'b')).toMatchObject({ added: IMAGES.length });
});

test('new outcomes end the mark, because the warehouse has changed', async () => {
  fixture.append('r2', [ledgerLine({ id: 'i1', urlHash: 'of another URL' })]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r2' });
  makeUnreadable('r2');
  await expect(merge('r2')).rejects.toThrow();
});
