/** docs/reference/warehouse.md against a new warehouse, its snapshot, and what ledger lines become. */
import type { LedgerLine } from '../../src/contract/outcome';
import { OWN_COLUMNS } from '../../src/catalog/catalog-columns';
import { STEP_NAMES } from '../../src/contract/run-input';
import type { Row as DatabaseRow } from '../../src/warehouse/database';
import { FACT_COLUMNS } from '../../src/warehouse/schema/fact-columns';
import { SCHEMA } from '../../src/warehouse/schema/warehouse-schema';
import { ledgerLine, WarehouseFixture } from '../warehouse/warehouse-fixture';
import { codesIn, namesOf, readReferencePage, type Row } from './reference-page';

const page = readReferencePage('warehouse.md');
const names = namesOf(page.table('Tables and views'));

let fixture: WarehouseFixture;
let tables: readonly DatabaseRow[];
beforeAll(async () => {
  fixture = new WarehouseFixture();
  const record = fixture.record('r0', '2025-12-31T00:00:00.000Z');
  await fixture.warehouse.recordRun(record);
  tables = await fixture.query('SHOW TABLES');
});
afterAll(() => {
  fixture.remove();
});

/** A column as the page lists it. */
interface Listed {
  readonly name: string;
  readonly type: string;
}

function listed(rows: readonly Row[]): readonly Listed[] {
  return rows.map((row) => ({ name: namesOf([row])[0] ?? '', type: row.Type ?? '' }));
}

async function described(table: string): Promise<readonly Listed[]> {
  const rows = await fixture.ask(`DESCRIBE ${table}`);
  return rows.map((row) => ({
    name: String(row.column_name),
    type: `${String(row.column_type)}${promiseOf(row)}`,
  }));
}

function promiseOf({ key, null: mayBeNull }: DatabaseRow): string {
  if (key === 'PRI') return ', primary key';
  return mayBeNull === 'NO' ? ', NOT NULL' : '';
}

it('the reference of the warehouse lists every table and view, and no other', () => {
  expect([...names].sort()).toEqual(tables.map(({ name }) => name));
});

it.each(names)('the reference lists every column of %s with its type, in order', async (name) => {
  expect(listed(page.table(name))).toEqual(await described(name));
});

it.each(names)('the reference says of every column of %s what it means', (name) => {
  for (const row of page.table(name))
    expect({ row, hasMeaning: /\w.*\.$/.test(row.Meaning ?? '') }).toEqual({
      row,
      hasMeaning: true,
    });
});

it('the reference names the views as views', async () => {
  const views = await fixture.ask(
    'SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY view_name',
  );
  const rows = page
    .table('Tables and views')
    .filter((row) => Object.values(row)[1]?.endsWith('; a view'));
  expect(namesOf(rows)).toEqual(views.map((row) => row.view_name));
});

it('the table image of a snapshot at the end of a run has the columns of the view', async () => {
  await fixture.query('SELECT 1', true);
  const kinds = await fixture.ask(
    `SELECT table_type FROM information_schema.tables
     WHERE table_catalog = current_database() AND table_name = 'image'`,
  );
  expect(kinds).toEqual([{ table_type: 'BASE TABLE' }]);
  expect(await described('image')).toEqual(listed(page.table('image')));
});

it('the reference names the field of the ledger line that each column of fact_download comes from', () => {
  const line = new Proxy({} as LedgerLine, { get: (_, field) => field });
  const fields = new Map(
    FACT_COLUMNS.map(({ name, valueOf }) => {
      const value = valueOf({ line, runId: '', ledger: '', number: 0 });
      return [name, value === '' || value === 0 ? [] : [value]];
    }),
  );
  const said = page
    .table('fact_download')
    .map((row) => [namesOf([row])[0], codesIn(row['Ledger line'] ?? '')]);
  expect(new Map(said as [string, string[]][])).toEqual(fields);
});

it('the reference names the columns of a catalog that get another name, and every step', () => {
  expect(codesIn(page.section('catalog_row'))).toEqual(expect.arrayContaining([...OWN_COLUMNS]));
  const step = page.table('etl_step').find((row) => namesOf([row])[0] === 'step');
  expect(codesIn(step?.Meaning ?? '')).toEqual([...STEP_NAMES]);
});

it('the reference lists every version of the schema', () => {
  const versions = SCHEMA.migrations.map(({ version }) => String(version));
  expect(namesOf(page.table('Versions'))).toEqual(versions);
});

it('the reference lists every state that an image can have, in the order in which they are asked', async () => {
  const image = (id: string, url: string | null = `http://h/${id}`) => ({ id, url });
  const kept = [image('stored'), image('no_url', null), image('failed'), image('pending')];
  await fixture.merge('r1', [...kept, image('removed')]);
  fixture.append('r1', [
    ledgerLine({ id: 'stored' }),
    ledgerLine({ id: 'removed' }),
    ledgerLine({ id: 'failed', outcome: 'failed' }),
  ]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  await fixture.merge('r2', kept, { startedAt: '2026-01-02T00:00:00.000Z' });
  const states = await fixture.query('SELECT source_image_id AS id, state FROM image_state');
  const listedStates = namesOf(page.table('States of an image'));
  expect(new Set(states.map(({ id }) => id))).toEqual(new Set(listedStates));
  for (const { id, state } of states) expect(state).toBe(id);
  const [view] = await fixture.ask("SELECT sql FROM duckdb_views() WHERE view_name = 'image'");
  const [, asked = ''] = /.*AS attempt_count, (.*) END AS state/s.exec(String(view?.sql)) ?? [];
  expect([...asked.matchAll(/'(\w+)'/g)].map(([, state]) => state)).toEqual(listedStates);
});
