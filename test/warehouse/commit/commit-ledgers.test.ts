import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  rmdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { ledgerLine, WarehouseFixture } from '../warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

const abc = ['a', 'b', 'c'].map((id) => ({ id, url: `http://h/${id}` }));
const all = { warehouseId: 'w', runId: null };
const STATES = 'SELECT source_image_id AS id, state, code FROM image_state ORDER BY 1';

describe('committing ledgers', () => {
  it('applies each line of growing ledgers once, however often it is called', async () => {
    await fixture.merge('r1', abc);
    fixture.append('r1', [ledgerLine({ id: 'a' })]);
    expect(await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' })).toMatchObject({
      applied: 1,
      run: { stored: 1, failed: 0, bytes: 100, requests: 1 },
    });
    fixture.append('r1', [ledgerLine({ id: 'b', outcome: 'failed' })]);
    expect(await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' })).toMatchObject({
      applied: 1,
      run: { stored: 1, failed: 1 },
      codes: { http_404: 1 },
    });
    expect(await fixture.warehouse.commitLedgers(all)).toMatchObject({ applied: 0 });
    expect(
      await fixture.query('SELECT line, source_image_id AS id FROM fact_download ORDER BY 1'),
    ).toEqual([
      { line: 1, id: 'a' },
      { line: 2, id: 'b' },
    ]);
    expect(await fixture.ask(STATES)).toEqual([
      { id: 'a', state: 'stored', code: null },
      { id: 'b', state: 'failed', code: 'http_404' },
      { id: 'c', state: 'pending', code: null },
    ]);
  });

  it('leaves a torn last line for later, and skips an unparsable line', async () => {
    await fixture.merge('r1', abc);
    fixture.append('r1', [ledgerLine({ id: 'a' })]);
    fixture.appendText('r1', 'l000001', 'e1', 'rubbish\n{"v":1,"id":"b"');
    expect(await fixture.warehouse.commitLedgers(all)).toMatchObject({ applied: 1 });
    fixture.appendText('r1', 'l000001', 'e1', ',"urlHash":"x","outcome":"failed"}\n');
    expect(await fixture.warehouse.commitLedgers(all)).toMatchObject({ applied: 1 });
    expect(
      await fixture.query('SELECT line, source_image_id AS id FROM fact_download ORDER BY 1'),
    ).toEqual([
      { line: 1, id: 'a' },
      { line: 3, id: 'b' },
    ]);
  });

  it('refuses a ledger whose applied part was cut or changed', async () => {
    await fixture.merge('r1', abc);
    fixture.append('r1', [ledgerLine({ id: 'a' }), ledgerLine({ id: 'b' })]);
    await fixture.warehouse.commitLedgers(all);
    const file = fixture.path('runs/r1/ledger/l000001/e1.ndjson');
    truncateSync(file, statSync(file).size - 5);
    await expect(fixture.warehouse.commitLedgers(all)).rejects.toMatchObject({
      code: 'ledger_changed',
    });
    await expect(fixture.warehouse.commitLedgers(all)).rejects.toThrow(
      'Without a backup: Stop the workers, then "artemis-pipeline rebuild',
    );
    writeFileSync(file, `${' '.repeat(2_000)}\n`);
    await expect(fixture.warehouse.commitLedgers(all)).rejects.toMatchObject({
      code: 'ledger_changed',
    });
  });

  it('inserts a run of which it knows only ledgers, with its start time', async () => {
    await fixture.merge('r1', abc);
    fixture.openRun('r0', '2025-12-31T00:00:00.000Z');
    fixture.append('r0', [ledgerLine({ id: 'c' })]);
    await fixture.warehouse.commitLedgers(all);
    expect(
      await fixture.query(
        "SELECT started_at::VARCHAR AS s, workflow_id AS w FROM etl_run WHERE run_id = 'r0'",
      ),
    ).toEqual([{ s: '2025-12-31 00:00:00', w: 'w-r0' }]);
  });

  it('applies nothing of a run whose run.json cannot be read or is damaged, and all of it afterwards', async () => {
    await fixture.merge('r1', abc);
    const startedAt = '2026-01-03T00:00:00.000Z';
    fixture.openRun('r2', startedAt);
    fixture.append('r2', [ledgerLine({ id: 'b' })]);
    const file = fixture.path('runs', 'r2', 'run.json');
    rmSync(file);
    mkdirSync(file);
    await expect(fixture.warehouse.commitLedgers(all)).rejects.toThrow('EISDIR');
    rmdirSync(file);
    writeFileSync(file, '{"v":1,');
    await expect(fixture.warehouse.commitLedgers(all)).rejects.toMatchObject({ code: 'disk_io' });
    fixture.openRun('r2', startedAt);
    expect(await fixture.warehouse.commitLedgers(all)).toMatchObject({ applied: 1 });
    expect(
      await fixture.query("SELECT epoch_ms(started_at) AS ms FROM etl_run WHERE run_id = 'r2'"),
    ).toEqual([{ ms: Date.parse(startedAt) }]);
  });

  it('leaves no write-ahead log and nothing in tmp/', async () => {
    await fixture.merge('r1', abc);
    fixture.append('r1', [ledgerLine({ id: 'a' })]);
    await fixture.warehouse.commitLedgers(all);
    await fixture.query('SELECT 1', true);
    expect(existsSync(fixture.path('warehouse.duckdb.wal'))).toBe(false);
    expect(readdirSync(fixture.path('tmp'))).toEqual([]);
  });
});
