/** A snapshot whose content is current is taken over, also by a new process. */
import { writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { createLogger } from '../../../src/log';
import { createWarehouse, type Warehouse } from '../../../src/warehouse/warehouse';
import { database, ledgerLine, WarehouseFixture } from '../warehouse-fixture';

let fixture: WarehouseFixture;
const ended = { state: 'completed', endedAt: '2026-01-03T00:00:00.000Z' } as const;

beforeEach(async () => {
  fixture = new WarehouseFixture();
  await fixture.merge(
    'r1',
    ['a', 'b'].map((id) => ({ id, url: `http://h/${id}` })),
  );
  fixture.append('r1', [ledgerLine({ id: 'a' })]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  await publish(fixture.warehouse, 'r1', true);
});
afterEach(() => {
  fixture.remove();
});

/** As a process that has just started has it. */
function newWarehouse(): Warehouse {
  const log = createLogger({ level: 'silent', pretty: false });
  return createWarehouse({ dataRoot: fixture.root, database, log });
}

async function publish(warehouse: Warehouse, runId: string, materialise: boolean): Promise<object> {
  const record = { ...fixture.record(runId, '2026-01-02T00:00:00.000Z'), ...ended };
  const published = await warehouse.publishSnapshot({ warehouseId: 'w', record, materialise });
  return published.counts;
}

/** A publication during a run has a table only where it took over that of an earlier one. */
async function imageIs(): Promise<unknown> {
  const sql = "SELECT table_type AS t FROM information_schema.tables WHERE table_name = 'image'";
  return (await fixture.ask(sql))[0]?.t;
}

async function states(): Promise<unknown> {
  return fixture.ask('SELECT source_image_id AS id, state FROM image ORDER BY 1');
}

const A_STORED = [
  { id: 'a', state: 'stored' },
  { id: 'b', state: 'pending' },
];

test('a new process takes over the tables of a snapshot, and brings runs up to date', async () => {
  const warehouse = newWarehouse();
  await warehouse.recordRun(fixture.record('r2', '2026-01-02T00:00:00.000Z'));
  await warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  const counts = { images: 2, stored: 1, failed: 0, pending: 1, noUrl: 0, removed: 0 };
  expect(await publish(warehouse, 'r2', false)).toEqual(counts);
  expect(await imageIs()).toBe('BASE TABLE');
  expect(await publish(newWarehouse(), 'r3', true)).toEqual({
    ...counts,
    permanent: 0,
    withoutFeatures: 1,
  });
  expect(await imageIs()).toBe('BASE TABLE');
  expect(await states()).toEqual(A_STORED);
  expect(await fixture.ask('SELECT run_id, state FROM etl_run ORDER BY 1')).toEqual(
    ['r1', 'r2', 'r3'].map((run_id) => ({ run_id, state: 'completed' })),
  );
  expect(await fixture.ask('SELECT run_id, step FROM etl_step ORDER BY 1')).toHaveLength(3);
  expect(await fixture.ask('SELECT run_id FROM catalog_reject')).toEqual([{ run_id: 'r1' }]);
});

test('outcomes that were committed since the content mark are in the next snapshot', async () => {
  fixture.append('r1', [ledgerLine({ id: 'b' })]);
  const warehouse = newWarehouse();
  await warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  await publish(warehouse, 'r1', false);
  expect(await imageIs()).toBe('VIEW');
  expect(await states()).toMatchObject([{ state: 'stored' }, { state: 'stored' }]);
  // Nothing was materialised, so nothing is taken over.
  await publish(newWarehouse(), 'r2', false);
  expect(await imageIs()).toBe('VIEW');
});

test('what another program changed in the warehouse is in the next snapshot', async () => {
  const instance = await DuckDBInstance.create(fixture.path('warehouse.duckdb'));
  const connection = await instance.connect();
  await connection.run("DELETE FROM dim_image WHERE source_image_id = 'b'");
  connection.closeSync();
  instance.closeSync();
  await publish(newWarehouse(), 'r2', false);
  expect(await imageIs()).toBe('VIEW');
  expect(await states()).toEqual(A_STORED.slice(0, 1));
});

test('a content mark that cannot be read counts as absent', async () => {
  writeFileSync(fixture.path('warehouse.snapshot.json'), '{"v":1');
  await publish(newWarehouse(), 'r2', false);
  expect(await imageIs()).toBe('VIEW');
  expect(await states()).toEqual(A_STORED);
});
