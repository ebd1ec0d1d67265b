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
  it('has the same `image` as a table after a run as it has as a view during the run', async () => {
    await fixture.merge('r1', abc);
    fixture.append('r1', [
      ledgerLine({ id: 'a' }),
      ledgerLine({ id: 'b', outcome: 'failed', retryable: true }),
    ]);
    await fixture.warehouse.commitLedgers(all);
    const rows = await fixture.query('SELECT * FROM image ORDER BY 1');
    expect(await fixture.query('SELECT * FROM image ORDER BY 1', true)).toEqual(rows);
    expect(rows).toMatchObject([
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

  it('counts the images that failed for good at the end of a run', async () => {
    await fixture.merge('r1', abc);
    fixture.append('r1', [
      ledgerLine({ id: 'a' }),
      ledgerLine({ id: 'b', outcome: 'failed', retryable: true }),
      ledgerLine({ id: 'c', outcome: 'failed' }),
    ]);
    await fixture.warehouse.commitLedgers(all);
    const publish = { warehouseId: 'w', record: null, materialise: true };
    const { counts } = await fixture.warehouse.publishSnapshot(publish);
    expect(counts).toMatchObject({ stored: 1, failed: 2, permanent: 1 });
  });

  it('has the same counts before and after a run, also where all images are settled', async () => {
    const counts = async (materialise: boolean): Promise<object> =>
      (await fixture.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise }))
        .counts;
    await fixture.merge('r1', [...abc, { id: 'none', url: null }]);
    fixture.append('r1', [ledgerLine({ id: 'a' }), ledgerLine({ id: 'b', outcome: 'failed' })]);
    await fixture.warehouse.commitLedgers(all);
    const unsettled = { images: 4, stored: 1, failed: 1, pending: 1, noUrl: 1, removed: 0 };
    expect(await counts(false)).toEqual(unsettled);
    expect(await counts(true)).toEqual({ ...unsettled, permanent: 1 });

    fixture.append('r1', [ledgerLine({ id: 'b', attempt: 2 })]);
    await fixture.warehouse.commitLedgers(all);
    const later = { startedAt: '2026-01-02T00:00:00.000Z', maxRemoved: 1 };
    await fixture.merge('r2', [...abc.slice(0, 2), { id: 'none', url: null }], later);
    const settled = { images: 4, stored: 2, failed: 0, pending: 0, noUrl: 1, removed: 1 };
    expect(await counts(false)).toEqual(settled);
    expect(await counts(true)).toEqual({ ...settled, permanent: 0 });
  });

  it('is copied again only if the warehouse has changed', async () => {
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

  it('lets a query access no other file', async () => {
    await fixture.merge('r1', abc);
    await fixture.query('SELECT 1');
    await expect(fixture.ask("SELECT * FROM read_csv('/etc/passwd')")).rejects.toThrow(
      /disabled by configuration/,
    );
    await expect(fixture.ask('CREATE TABLE x AS SELECT 1')).rejects.toThrow(/read-only/);
  });
});
