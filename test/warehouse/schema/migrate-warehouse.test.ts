/**
 * A warehouse of an older program is migrated before its first write. Nothing in it is lost, and it
 * can be restored.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createLogger } from '../../../src/log';
import type { Row } from '../../../src/warehouse/driver/database';
import { createWarehouse, type Warehouse } from '../../../src/warehouse/warehouse';
import { SCHEMA } from '../../../src/warehouse/schema/warehouse-schema';
import { LATER_SCHEMA, LATER_VERSION, VERSION } from './later-schema';
import { database, ledgerLine, WarehouseFixture } from '../warehouse-fixture';

const all = { warehouseId: 'w', runId: null };
const abc = ['a', 'b', 'c'].map((id) => ({ id, url: `http://h/${id}` }));

let fixture: WarehouseFixture;
let later: Warehouse;
/**
 * Creates a warehouse with a merged catalog and a committed ledger, and a program that knows two
 * more versions.
 */
beforeEach(async () => {
  fixture = new WarehouseFixture();
  await fixture.merge('r1', abc);
  fixture.append('r1', [ledgerLine({ id: 'a' })]);
  await fixture.warehouse.commitLedgers(all);
  later = laterProgram();
});
afterEach(() => {
  fixture.remove();
});

function laterProgram(schema = LATER_SCHEMA): Warehouse {
  const log = createLogger({ level: 'silent', pretty: false });
  return createWarehouse({ dataRoot: fixture.root, database, log, schema });
}

const former = (): string => fixture.path(`warehouse.v${VERSION}.duckdb`);
const record = () => fixture.record('r1', '2026-01-01T00:00:00.000Z');

async function query(warehouse: Warehouse, sql: string): Promise<readonly Row[]> {
  await warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: false });
  return fixture.ask(sql);
}

const VERSIONS = 'SELECT version FROM schema_version ORDER BY 1';
const versionsUpTo = (last: number): readonly Row[] =>
  Array.from({ length: last }, (_, index) => ({ version: index + 1 }));

describe('a warehouse of an older schema version', () => {
  it('is migrated before the first write, with every version recorded and all content kept', async () => {
    const before = await fixture.query('SELECT * FROM image ORDER BY 1');
    expect(await query(later, VERSIONS)).toEqual(versionsUpTo(LATER_VERSION));
    expect(await fixture.ask('SELECT * FROM image ORDER BY 1')).toEqual(before);
    expect(await fixture.ask('FROM later')).toEqual([{ run_id: 'r1', note: 'from w-r1' }]);
    expect(await fixture.ask('SELECT DISTINCT version FROM image_state')).toEqual([{ version: 3 }]);
    expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
  });

  it('is kept beside the migrated one until the first successful commit', async () => {
    const bytes = fs.readFileSync(fixture.path('warehouse.duckdb'));
    await query(later, 'SELECT 1');
    await later.commitLedgers(all);
    expect(fs.readFileSync(former()).equals(bytes)).toBe(true);
    fixture.append('r1', [ledgerLine({ id: 'b' })]);
    await later.commitLedgers(all);
    expect(fs.existsSync(former())).toBe(false);
    expect(await query(later, "SELECT count(*) AS n FROM image WHERE state = 'stored'")).toEqual([
      { n: 2 },
    ]);
  });

  it('can be restored by a rename for the program that wrote it', async () => {
    await query(later, 'SELECT 1');
    fs.renameSync(former(), fixture.path('warehouse.duckdb'));
    await fixture.warehouse.recordRun(record());
    expect(await fixture.query(VERSIONS)).toEqual(versionsUpTo(VERSION));
    // The later program migrates it again.
    expect(await query(laterProgram(), VERSIONS)).toHaveLength(LATER_VERSION);
  });

  it('is not touched by readers', async () => {
    await fixture.query('SELECT 1');
    const file = fixture.path('warehouse.duckdb');
    const { ino, mtimeMs } = fs.statSync(file);
    expect(await fixture.ask(VERSIONS)).toEqual(versionsUpTo(VERSION));
    expect(fs.statSync(file)).toMatchObject({ ino, mtimeMs });
  });

  it('keeps what a killed writer left in the write-ahead log', async () => {
    await leaveWal("UPDATE warehouse.etl_run SET detail = 'from the log'");
    expect(fs.existsSync(fixture.path('warehouse.duckdb.wal'))).toBe(true);
    expect(await query(later, 'SELECT detail FROM etl_run')).toEqual([{ detail: 'from the log' }]);
  });

  it('is unchanged when a statement fails, and the error says so', async () => {
    const bytes = fs.readFileSync(fixture.path('warehouse.duckdb'));
    const statements = ['ALTER TABLE etl_run ADD COLUMN x INTEGER', 'DROP TABLE nothing'];
    const migrations = [...SCHEMA.migrations, { version: VERSION + 1, statements }];
    const broken = { ...SCHEMA, migrations };
    await expect(laterProgram(broken).recordRun(record())).rejects.toThrow(
      /^Could not migrate .*warehouse.duckdb from schema version \d+ to \d+: .*nothing.* It is as it was/s,
    );
    expect(fs.readFileSync(fixture.path('warehouse.duckdb')).equals(bytes)).toBe(true);
    expect(fs.existsSync(former())).toBe(false);
    expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
    // It does not block the next program that can migrate the warehouse.
    expect(await query(later, VERSIONS)).toHaveLength(LATER_VERSION);
  });

  it('is not migrated while another program has it open, and is migrated afterwards', async () => {
    const child = await startShell('');
    await expect(later.recordRun(record())).rejects.toMatchObject({ code: 'db_locked' });
    await killShell(child);
    await later.recordRun(record());
    expect(await query(later, VERSIONS)).toHaveLength(LATER_VERSION);
  });

  it('replaces no other file of the former one’s name, but moves it aside', async () => {
    fs.writeFileSync(former(), 'another file');
    await query(later, 'SELECT 1');
    const aside = fs.readdirSync(fixture.root).filter((name) => name.includes('.aside-'));
    expect(aside).toHaveLength(1);
    expect(fs.readFileSync(fixture.path(aside[0] ?? ''), 'utf8')).toBe('another file');
  });
});

/**
 * Starts another process that opens the warehouse, runs `sql`, and keeps it open until it is
 * killed.
 */
async function startShell(sql: string): Promise<ReturnType<typeof spawn>> {
  const script = `const { DuckDBInstance } = require(${JSON.stringify(require.resolve('@duckdb/node-api'))});
    (async () => {
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      await connection.run("ATTACH '${fixture.path('warehouse.duckdb')}' AS warehouse; SET wal_autocheckpoint = '1GB'");
      await connection.run(${JSON.stringify(sql === '' ? 'SELECT 1' : sql)});
      process.stdout.write('held');
      setInterval(() => connection, 1000);
    })();`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

async function leaveWal(sql: string): Promise<void> {
  await killShell(await startShell(sql));
}

async function killShell(child: ReturnType<typeof spawn>): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
