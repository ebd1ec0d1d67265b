/**
 * Files of other versions: older ones are opened, newer ones are refused with the required version
 * and never changed.
 */
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createLogger } from '../../../src/log';
import { literal } from '../../../src/duckdb/sql-text';
import { firstRow } from '../../../src/warehouse/driver/database';
import { openDatabase } from '../../../src/warehouse/driver/open-database';
import { createWarehouse } from '../../../src/warehouse/warehouse';
import { SCHEMA } from '../../../src/warehouse/schema/warehouse-schema';
import { LATER_SCHEMA, LATER_VERSION, VERSION } from '../schema/later-schema';
import { patchStorageVersion, storageVersion } from './storage-header';
import { database, ledgerLine, WarehouseFixture } from '../warehouse-fixture';

const all = { warehouseId: 'w', runId: null };
const abc = ['a', 'b', 'c'].map((id) => ({ id, url: `http://h/${id}` }));

let fixture: WarehouseFixture;
let file: string;
beforeEach(() => {
  fixture = new WarehouseFixture();
  file = fixture.path('warehouse.duckdb');
});
afterEach(() => {
  fixture.remove();
});

/** Rewrites the warehouse as a file of another storage version. */
async function rewriteAs(version: string): Promise<void> {
  const opened = await openDatabase(database, fixture.path('tmp', 'spill'));
  const other = `${file}.other`;
  await opened.run(`ATTACH ${literal(file)} AS w`);
  await opened.run(`ATTACH ${literal(other)} AS other (STORAGE_VERSION '${version}')`);
  await opened.run('COPY FROM DATABASE w TO other');
  await opened.close();
  fs.renameSync(other, file);
}

/** Expects that every operation of a worker is refused and leaves the file unchanged. */
async function expectRefused(message: RegExp): Promise<void> {
  const before = { bytes: fs.readFileSync(file), stat: fs.statSync(file) };
  const worker = createWarehouse({
    dataRoot: fixture.root,
    database,
    log: createLogger({ level: 'silent', pretty: false }),
  });
  fixture.append('r1', [ledgerLine({ id: 'b' })]);
  const record = fixture.record('r1', '2026-01-01T00:00:00.000Z');
  for (const operation of [
    () => worker.commitLedgers(all),
    () => worker.recordRun(record),
    () => worker.publishSnapshot({ warehouseId: 'w', record, materialise: false }),
  ]) {
    const refusal: unknown = await operation().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'db_newer', retryable: false });
    expect((refusal as Error).message).toMatch(message);
  }
  expect(fs.readFileSync(file).equals(before.bytes)).toBe(true);
  expect(fs.statSync(file).mtimeMs).toBe(before.stat.mtimeMs);
  expect(fs.readdirSync(fixture.root).sort()).toEqual(['runs', 'tmp', 'warehouse.duckdb']);
}

describe('a newer file', () => {
  beforeEach(() => fixture.merge('r1', abc));

  it('of a newer schema is refused, and the message names its version', async () => {
    const log = createLogger({ level: 'silent', pretty: false });
    const later = { dataRoot: fixture.root, database, log, schema: LATER_SCHEMA };
    await createWarehouse(later).recordRun(fixture.record('r1', '2026-01-01T00:00:00.000Z'));
    const message = `schema version ${LATER_VERSION}.*knows up to ${VERSION}.*knows version ${LATER_VERSION}`;
    await expectRefused(new RegExp(message));
  });

  it('of a storage version that this DuckDB cannot read is refused, and the message names it', async () => {
    patchStorageVersion(file, 99);
    await expectRefused(/storage version 99: a DuckDB newer than v1\.5 is needed/);
  });

  it('of the newest storage version is refused, and the message names the DuckDB that readers need', async () => {
    await rewriteAs('latest');
    const version = storageVersion(file);
    expect(version).toBeGreaterThan(64);
    const first = { 67: 'v1\\.4\\.0', 68: 'v1\\.5\\.0' }[version] ?? 'another';
    await expectRefused(
      new RegExp(`storage version ${version}: DuckDB ${first} or newer is needed`),
    );
  });

  it('of an intermediate storage version is refused, and the message names the DuckDB that readers need', async () => {
    await rewriteAs('v1.2.0');
    await expectRefused(/storage version 65: DuckDB v1\.2\.0 or newer is needed/);
  });
});

describe('the storage version', () => {
  it('of the warehouse and of the snapshot is the lowest that DuckDB writes', async () => {
    await fixture.merge('r1', abc);
    await fixture.query('SELECT 1', true);
    expect(storageVersion(file)).toBe(64);
    expect(storageVersion(fixture.path('warehouse.snapshot.duckdb'))).toBe(64);
    // DuckDB calls this version v1.0.0. The next one has a higher number.
    await rewriteAs('v1.0.0');
    expect(storageVersion(file)).toBe(64);
    await rewriteAs('v1.2.0');
    expect(storageVersion(file)).toBe(65);
  });
});

describe('a warehouse that DuckDB v0.10.3 wrote', () => {
  beforeEach(() => {
    const stored = path.join(__dirname, '../files/duckdb-v0.10.3.duckdb.gz');
    fs.writeFileSync(file, gunzipSync(fs.readFileSync(stored)));
    fixture.openRun('r0', '2025-12-31T00:00:00.000Z');
  });

  it('is opened, read and written, and keeps its storage version', async () => {
    const states = 'SELECT source_image_id AS id, state FROM image_state ORDER BY 1';
    expect(await fixture.query(states)).toEqual([
      { id: 'a', state: 'stored' },
      { id: 'b', state: 'pending' },
    ]);
    expect(await fixture.merge('r1', abc)).toMatchObject({ added: 1, urlChanged: 0 });
    fixture.append('r1', [ledgerLine({ id: 'b' })]);
    expect(await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' })).toMatchObject({
      applied: 1,
    });
    expect(await fixture.query(states, true)).toEqual([
      { id: 'a', state: 'stored' },
      { id: 'b', state: 'stored' },
      { id: 'c', state: 'pending' },
    ]);
    expect(storageVersion(file)).toBe(64);
  });

  it('has the tables that schema version 1 creates', async () => {
    const opened = await openDatabase(database, fixture.path('spill'));
    const fresh = new WarehouseFixture();
    try {
      const log = createLogger({ level: 'silent', pretty: false });
      const schema = { ...SCHEMA, migrations: SCHEMA.migrations.slice(0, 1) };
      const first = createWarehouse({ dataRoot: fresh.root, database, log, schema });
      await first.recordRun(fresh.record('r1', '2026-01-01T00:00:00.000Z'));
      await opened.run(`ATTACH ${literal(file)} AS stored (READ_ONLY)`);
      await opened.run(`ATTACH ${literal(fresh.path('warehouse.duckdb'))} AS fresh (READ_ONLY)`);
      const columnsIn = (name: string): string =>
        `(SELECT table_name, column_name, column_index, data_type, is_nullable FROM duckdb_columns() JOIN duckdb_tables() USING (database_name, table_name)
          WHERE database_name = '${name}')`;
      expect(
        await firstRow(
          opened,
          `SELECT (SELECT count(*) FROM ${columnsIn('stored')}) AS stored, (SELECT count(*) FROM (FROM ${columnsIn('stored')} EXCEPT FROM ${columnsIn('fresh')})) AS gone,
             (SELECT count(*) FROM (FROM ${columnsIn('fresh')} EXCEPT FROM ${columnsIn('stored')})) AS new`,
        ),
      ).toEqual({ stored: 72, gone: 0, new: 0 });
    } finally {
      await opened.close();
      fresh.remove();
    }
  });
});
