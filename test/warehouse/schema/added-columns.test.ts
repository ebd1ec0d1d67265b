/**
 * Stored data roots are written by a program whose fact_download, etl_commit and dim_image have
 * more columns.
 */
import fs from 'node:fs';
import { createLogger } from '../../../src/log';
import type { Row } from '../../../src/warehouse/driver/database';
import { replayLedgers } from '../../../src/warehouse/rebuild/replay-ledgers';
import { SCHEMA, type WarehouseSchema } from '../../../src/warehouse/schema/warehouse-schema';
import { withSnapshot } from '../../../src/warehouse/snapshot/snapshot-session';
import { createWarehouse, type Warehouse } from '../../../src/warehouse/warehouse';
import { database, ledgerLine, urlHash, WarehouseFixture } from '../warehouse-fixture';
import { LATER_SCHEMA, VERSION } from './later-schema';
import { restoreDataRoot } from './stored-data-roots';

const commit = { warehouseId: 'w', runId: null };
const STATES = 'SELECT source_image_id AS id, state, code FROM image_state ORDER BY id';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
  restoreDataRoot(VERSION, fixture.root);
});
afterEach(() => {
  fixture.remove();
});

function programOf(schema: WarehouseSchema): Warehouse {
  const log = createLogger({ level: 'silent', pretty: false });
  return createWarehouse({ dataRoot: fixture.root, database, log, schema });
}

async function publishAndAsk(warehouse: Warehouse, sql: string): Promise<readonly Row[]> {
  await warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
  return fixture.ask(sql);
}

/** The differences that a program with this schema finds in the published snapshot. */
async function differences(schema: WarehouseSchema): Promise<readonly string[]> {
  const options = { dataRoot: fixture.root, database };
  const replayed = await withSnapshot(options, (session) =>
    replayLedgers(session, fixture.root, schema),
  );
  return replayed.differences.map(({ message: words }) => words);
}

describe.each([
  ['this program', SCHEMA],
  ['a later program', LATER_SCHEMA],
])('a stored data root that %s writes', (_, schema) => {
  it('has the content that was stored', async () => {
    expect(await publishAndAsk(programOf(schema), STATES)).toMatchObject([
      { id: 'a', state: 'stored', code: null },
      { id: 'b', state: 'failed', code: 'http_404' },
      { id: 'c', state: 'pending', code: null },
      { id: 'd', state: 'no_url', code: null },
    ]);
    expect(await differences(schema)).toEqual([]);
  });

  it('accepts a growing ledger, a new run and another catalog', async () => {
    const program = programOf(schema);
    fixture.append('r1', [ledgerLine({ id: 'b', attempt: 2 })]);
    expect(await program.commitLedgers(commit)).toMatchObject({ applied: 1 });
    await fixture.prepare('r2', [
      { id: 'a', url: 'http://h/other' },
      { id: 'b', url: 'http://h/b' },
      { id: 'c', url: 'http://h/c' },
      { id: 'd', url: null },
      { id: 'e', url: 'http://h/e' },
    ]);
    const input = fixture.mergeInput('r2', '2026-01-02T00:00:00.000Z');
    expect(await program.mergeCatalog(input)).toMatchObject({ added: 1, urlChanged: 1 });
    fixture.append('r2', [
      ledgerLine({ id: 'a', urlHash: urlHash('http://h/other'), lane: 'l000002' }),
      ledgerLine({ id: 'e', lane: 'l000002', outcome: 'failed' }),
    ]);
    expect(await program.commitLedgers(commit)).toMatchObject({ applied: 2 });
    expect(await program.commitLedgers(commit)).toMatchObject({ applied: 0 });
    expect(await publishAndAsk(program, STATES)).toMatchObject([
      { id: 'a', state: 'stored' },
      { id: 'b', state: 'stored' },
      { id: 'c', state: 'pending' },
      { id: 'd', state: 'no_url' },
      { id: 'e', state: 'failed', code: 'http_404' },
    ]);
    expect(await differences(schema)).toEqual([]);
  });
});

describe('a column of a later version', () => {
  it('of fact_download gets a value in existing rows and from new ledger lines', async () => {
    const program = programOf(LATER_SCHEMA);
    fixture.append('r1', [ledgerLine({ id: 'c', lane: 'l000007' })]);
    await program.commitLedgers(commit);
    const sql = 'SELECT source_image_id AS id, lane, colour_count FROM fact_download ORDER BY ALL';
    expect(await publishAndAsk(program, sql)).toEqual([
      { id: 'a', lane: 'l000001', colour_count: 0 },
      { id: 'a', lane: 'l000001', colour_count: 0 },
      { id: 'b', lane: 'l000001', colour_count: 0 },
      { id: 'c', lane: 'l000007', colour_count: 0 },
    ]);
  });

  it('of etl_commit keeps its value when the ledger is committed again', async () => {
    const program = programOf(LATER_SCHEMA);
    fixture.append('r1', [
      ledgerLine({ id: 'b', attempt: 2 }),
      ledgerLine({ id: 'c', lane: 'l2' }),
    ]);
    await program.commitLedgers(commit);
    const sql = 'SELECT row_count::INTEGER AS rows, note FROM etl_commit ORDER BY ledger';
    expect(await publishAndAsk(program, sql)).toEqual([
      // That of features, which the stored data root has.
      { rows: 2, note: 'noted; or not' },
      { rows: 4, note: 'noted; or not' },
      { rows: 1, note: 'noted; or not' },
    ]);
  });

  it('of dim_image is kept by a merge that refills the table', async () => {
    const program = programOf(LATER_SCHEMA);
    const images = (shift: number) =>
      Array.from({ length: 100_002 }, (_, n) => ({ id: `i${n}`, url: `http://h/${n + shift}` }));
    for (const [runId, shift] of [
      ['r2', 0],
      ['r3', 1],
    ] as const) {
      await fixture.prepare(runId, images(shift));
      const input = fixture.mergeInput(runId, '2026-01-02T00:00:00.000Z');
      await program.mergeCatalog({ ...input, replace: true });
    }
    const sql = `SELECT thumb_rank, count(*)::INTEGER AS n, count(DISTINCT first_seen_run_id)::INTEGER AS runs,
      count(*) FILTER (removed_at IS NOT NULL)::INTEGER AS removed FROM dim_image GROUP BY ALL`;
    expect(await publishAndAsk(program, sql)).toEqual([
      { thumb_rank: 7, n: 100_006, runs: 2, removed: 4 },
    ]);
    const key = `SELECT constraint_type FROM duckdb_constraints()
      WHERE table_name = 'dim_image' AND constraint_type = 'PRIMARY KEY'`;
    expect(await fixture.ask(key)).toHaveLength(1);
  });
});

describe('a snapshot of another version than the checker', () => {
  it.each([
    ['an older', SCHEMA, LATER_SCHEMA],
    ['a newer', LATER_SCHEMA, SCHEMA],
  ])(
    'is compared by the columns that both versions have (%s one)',
    async (_, written, checking) => {
      await publishAndAsk(programOf(written), 'SELECT 1');
      expect(await differences(checking)).toEqual([]);
      const ledger = fixture.path('runs/r1/ledger/l000001/e1.ndjson');
      fs.writeFileSync(ledger, fs.readFileSync(ledger, 'utf8').replace('http_404', 'http_403'));
      expect(await differences(checking)).not.toEqual([]);
    },
  );
});
