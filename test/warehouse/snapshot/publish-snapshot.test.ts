import { appendFileSync, readdirSync, statSync } from 'node:fs';
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

describe('the snapshot', () => {
  it('has the same `image` as a table at the end of a run as while it downloads', async () => {
    await fixture.merge('r1', abc);
    fixture.append('r1', [
      ledgerLine({ id: 'a' }),
      ledgerLine({ id: 'b', outcome: 'failed', retryable: true }),
    ]);
    await fixture.warehouse.commitLedgers(all);
    const seen = await fixture.query('SELECT * FROM image ORDER BY 1');
    expect(await fixture.query('SELECT * FROM image ORDER BY 1', true)).toEqual(seen);
    expect(seen).toMatchObject([
      { thumb_width: 4, attempt_count: 1 },
      { last_error_retryable: true },
      {},
    ]);
    expect(statSync(fixture.path('warehouse.snapshot.duckdb')).mode & 0o777).toBe(0o444);
    expect(
      await fixture.ask(
        "SELECT table_type AS t FROM information_schema.tables WHERE table_name = 'image'",
      ),
    ).toEqual([{ t: 'BASE TABLE' }]);
  });

  it('is not copied again while nothing changed, and is when something did', async () => {
    await fixture.merge('r1', abc);
    await fixture.query('SELECT 1');
    const snapshot = fixture.path('warehouse.snapshot.duckdb');
    const first = statSync(snapshot).ino;
    await fixture.query('SELECT 1');
    expect(statSync(snapshot).ino).toBe(first);
    fixture.append('r1', [ledgerLine({ id: 'a' })]);
    await fixture.warehouse.commitLedgers(all);
    await fixture.query('SELECT 1');
    expect(statSync(snapshot).ino).not.toBe(first);
  });

  it('is refused with a write-ahead log beside it, which the next publication moves aside', async () => {
    await fixture.merge('r1', abc);
    await fixture.query('SELECT 1');
    appendFileSync(fixture.path('warehouse.snapshot.duckdb.wal'), 'poison');
    await expect(fixture.ask('SELECT 1')).rejects.toMatchObject({ name: 'NoSnapshot' });
    expect(await fixture.query('SELECT count(*) AS n FROM image', true)).toEqual([{ n: 3 }]);
    expect(
      readdirSync(fixture.root).some((name) =>
        name.startsWith('warehouse.snapshot.duckdb.wal.aside'),
      ),
    ).toBe(true);
  });

  it('lets a query reach no other file', async () => {
    await fixture.merge('r1', abc);
    await fixture.query('SELECT 1');
    await expect(fixture.ask("SELECT * FROM read_csv('/etc/passwd')")).rejects.toThrow(
      /disabled by configuration/,
    );
    await expect(fixture.ask('CREATE TABLE x AS SELECT 1')).rejects.toThrow(/read-only/);
  });
});
