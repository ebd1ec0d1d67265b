/**
 * Shows that each driver reads, and continues to write, the files of the other. Run by `npm run
 * test:duckdb-async`.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DatabaseConfig } from '../../src/config';
import { createLogger } from '../../src/log';
import { literal } from '../../src/duckdb/sql-text';
import { asWarehouseError } from '../../src/warehouse/driver/duckdb-errors';
import { openDatabase } from '../../src/warehouse/driver/open-database';
import { querySnapshot } from '../../src/warehouse/snapshot/query-snapshot';
import { createWarehouse, type Warehouse } from '../../src/warehouse/warehouse';
import { storageVersion } from '../warehouse/driver/storage-header';
import { ledgerLine, WarehouseFixture } from '../warehouse/warehouse-fixture';

const NODE_API: DatabaseConfig = { driver: 'node-api', memory: '500MB', threads: 2 };
const DUCKDB_ASYNC: DatabaseConfig = { ...NODE_API, driver: 'duckdb-async' };
const all = { warehouseId: 'w', runId: null };

/**
 * A warehouse with this driver. The fixture's own warehouse has the driver of ARTEMIS_DB_DRIVER.
 */
function warehouseOn(fixture: WarehouseFixture, config: DatabaseConfig): Warehouse {
  const log = createLogger({ level: 'silent', pretty: false });
  return createWarehouse({ dataRoot: fixture.root, database: config, log });
}

describe.each([
  { writer: NODE_API, reader: DUCKDB_ASYNC },
  { writer: DUCKDB_ASYNC, reader: NODE_API },
])('what $writer.driver writes', ({ writer, reader }) => {
  let fixture: WarehouseFixture;
  beforeEach(() => {
    fixture = new WarehouseFixture();
  });
  afterEach(() => {
    fixture.remove();
  });

  async function states(): Promise<unknown> {
    const sql = 'SELECT source_image_id AS id, state, downloaded_at AS at FROM image ORDER BY 1';
    const answers = [writer, reader].map((database) =>
      querySnapshot({ dataRoot: fixture.root, sql, database }),
    );
    const [first, second] = await Promise.all(answers);
    expect(second).toEqual(first);
    return second?.rows;
  }

  it(`is read and continued by ${reader.driver}, as warehouse and as snapshot`, async () => {
    const first = warehouseOn(fixture, writer);
    const second = warehouseOn(fixture, reader);
    // Fills every table and view, most of them with rows.
    await first.recordRun(fixture.record('r1', '2026-01-01T00:00:00.000Z'));
    await mergeOn(first, fixture);
    fixture.append('r1', [ledgerLine({ id: 'a' })]);
    expect(await first.commitLedgers(all)).toMatchObject({ applied: 1 });
    await first.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
    const at = '2026-01-01 10:00:00';
    expect(await states()).toEqual([
      { id: 'a', state: 'stored', at },
      { id: 'b', state: 'pending', at: null },
    ]);
    fixture.append('r1', [ledgerLine({ id: 'b' })]);
    expect(await second.commitLedgers(all)).toMatchObject({ applied: 1 });
    expect(await mergeOn(second, fixture)).toMatchObject({ added: 0 });
    await second.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
    expect(await states()).toEqual([
      { id: 'a', state: 'stored', at },
      { id: 'b', state: 'stored', at },
    ]);
    expect(await first.commitLedgers(all)).toMatchObject({ applied: 0 });
    expect(storageVersion(fixture.path('warehouse.duckdb'))).toBe(64);
    expect(storageVersion(fixture.path('warehouse.snapshot.duckdb'))).toBe(64);
  });
});

/** The fixture's driver has written the catalog once, and either driver merges it. */
async function mergeOn(warehouse: Warehouse, fixture: WarehouseFixture) {
  const parquet = fixture.path('runs', 'r1', 'catalog.parquet');
  if (!fs.existsSync(parquet)) {
    fixture.openRun('r1', '2026-01-01T00:00:00.000Z');
    const images = ['a', 'b'].map((id) => ({ id, url: `http://h/${id}` }));
    await fixture.writeCatalog('r1', images);
  }
  return warehouse.mergeCatalog({
    warehouseId: 'w',
    runId: 'r1',
    parquet: 'runs/r1/catalog.parquet',
    rejects: 'runs/r1/rejects.ndjson',
    maxRemoved: 0.2,
    record: fixture.record('r1', '2026-01-01T00:00:00.000Z'),
  });
}

describe('the file format', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-formats-'));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  async function write(config: DatabaseConfig, version: string): Promise<string> {
    const file = path.join(folder, `${config.driver}-${version}.duckdb`);
    const database = await openDatabase(config, path.join(folder, 'spill'));
    await database.run(`ATTACH ${literal(file)} AS w (STORAGE_VERSION '${version}')`);
    await database.run('CREATE TABLE w.t AS SELECT range AS x FROM range(1000)');
    await database.close();
    return file;
  }

  /** The number of rows, or the code of the refusal. */
  async function read(config: DatabaseConfig, file: string): Promise<unknown> {
    const database = await openDatabase(config, path.join(folder, 'spill'));
    try {
      await database.run(`ATTACH ${literal(file)} AS w (READ_ONLY)`);
      return (await database.query('SELECT count(*) AS n FROM w.t')).rows[0]?.n;
    } catch (error) {
      return asWarehouseError(error, 'read it', null)?.code ?? error;
    } finally {
      await database.close();
    }
  }

  it.each([
    [NODE_API, 'v1.0.0', 64, 1_000],
    [NODE_API, 'v1.2.0', 65, 1_000],
    [NODE_API, 'v1.3.0', 66, 1_000],
    [NODE_API, 'v1.4.0', 67, 1_000],
    [NODE_API, 'v1.5.0', 68, 'db_newer'],
    [DUCKDB_ASYNC, 'v1.0.0', 64, 1_000],
    [DUCKDB_ASYNC, 'v1.2.0', 65, 1_000],
    [DUCKDB_ASYNC, 'v1.4.0', 67, 1_000],
  ] as const)(
    'that %j writes for %s is %i, and the other driver returns %s',
    async (config, name, version, seen) => {
      const file = await write(config, name);
      expect(storageVersion(file)).toBe(version);
      expect(await read(config === NODE_API ? DUCKDB_ASYNC : NODE_API, file)).toBe(seen);
      expect(await read(config, file)).toBe(1_000);
    },
  );
});

describe('the snapshot', () => {
  it.each([NODE_API, DUCKDB_ASYNC])(
    'that $driver publishes is read by DuckDB v1.1.3',
    async (config) => {
      const fixture = new WarehouseFixture();
      try {
        const warehouse = warehouseOn(fixture, config);
        await mergeOn(warehouse, fixture);
        fixture.append('r1', [ledgerLine({ id: 'a' })]);
        await warehouse.commitLedgers(all);
        for (const materialise of [false, true]) {
          await warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise });
          expect(askOldDuckdb(fixture.path('warehouse.snapshot.duckdb'))).toEqual([
            { version: 'v1.1.3', id: 'a', state: 'stored' },
            { version: 'v1.1.3', id: 'b', state: 'pending' },
          ]);
        }
      } finally {
        fixture.remove();
      }
    },
  );
});

/** Runs in a process of its own, because this process has two versions of DuckDB already. */
function askOldDuckdb(file: string): unknown {
  const script = `const { Database } = require('duckdb-v1.1.3');
    new Database(process.argv[1], { access_mode: 'READ_ONLY' }).all(
      'SELECT version() AS version, source_image_id AS id, state FROM image ORDER BY 2',
      (error, rows) => process.stdout.write(error === null ? JSON.stringify(rows) : String(error)));`;
  const { stdout } = spawnSync(process.execPath, ['-e', script, file], { encoding: 'utf8' });
  return JSON.parse(stdout) as unknown;
}

describe('duckdb-async', () => {
  it('releases the file when it is closed after an error in the middle of a write', async () => {
    const fixture = new WarehouseFixture();
    try {
      const file = fixture.path('w.duckdb');
      const database = await openDatabase(DUCKDB_ASYNC, fixture.path('spill'));
      await database.run(`ATTACH ${literal(file)} AS w; USE w; CREATE TABLE t (x INTEGER); BEGIN`);
      await database.run('INSERT INTO t VALUES (?)', [1]);
      await expect(database.query('SELECT x / y FROM t')).rejects.toThrow();
      expect(openFiles()).toContain(file);
      await database.close();
      expect(openFiles()).not.toContain(file);
      const other = await openDatabase(NODE_API, fixture.path('spill'));
      await other.run(`ATTACH ${literal(file)} AS w`);
      expect((await other.query('FROM w.t')).rows).toEqual([]);
      await other.close();
    } finally {
      fixture.remove();
    }
  });
});

/**
 * The files that this process has open.
 *
 * @see proc(5), /proc/self/fd
 */
function openFiles(): readonly string[] {
  return fs
    .readdirSync('/proc/self/fd')
    .map((descriptor) => `/proc/self/fd/${descriptor}`)
    .flatMap((link) => (fs.existsSync(link) ? [fs.readlinkSync(link)] : []));
}
