/** A rebuild uses the catalogs that were merged, in the order of the merges, and every ledger. */
import fs from 'node:fs';
import { createLogger } from '../../../src/log';
import type { Row } from '../../../src/warehouse/driver/database';
import {
  rebuildWarehouse,
  type RebuildReport,
} from '../../../src/warehouse/rebuild/rebuild-warehouse';
import { appendFeatures, computed } from '../feature-lines';
import { database, ledgerLine, WarehouseFixture } from '../warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

const IMAGES =
  'SELECT source_image_id AS id, thumb_url AS url, thumb_downloaded AS done, first_seen_run_id AS seen, removed_at::VARCHAR AS removed FROM dim_image ORDER BY id';

/** Deletes the warehouse and rebuilds it. Returns the result of `sql` before and after. */
async function loseAndRebuild(
  sql = IMAGES,
): Promise<{ before: readonly Row[]; after: readonly Row[]; report: RebuildReport }> {
  const before = await fixture.query(sql);
  for (const name of ['warehouse.duckdb', 'warehouse.snapshot.duckdb'])
    fs.rmSync(fixture.path(name));
  const report = await rebuildWarehouse({
    dataRoot: fixture.root,
    database,
    log: createLogger({ level: 'silent', pretty: false }),
    onStage: () => undefined,
  });
  return { before, after: await fixture.ask(sql), report };
}

const image = (id: string, url = `http://h/${id}`): { id: string; url: string } => ({ id, url });

it('a rebuild applies merges in the order in which they were made, not in that of their runs', async () => {
  // The first run was parked in ingest until the second one was complete.
  fixture.openRun('first', '2026-01-01T00:00:00.000Z');
  await fixture.merge('second', [image('a'), image('b')], {
    startedAt: '2026-01-02T00:00:00.000Z',
  });
  await fixture.merge('first', [image('a', 'http://h/other')], {
    startedAt: '2026-01-01T00:00:00.000Z',
    replace: true,
  });
  const { before, after, report } = await loseAndRebuild();
  expect(after).toEqual(before);
  expect(after).toMatchObject([
    { id: 'a', url: 'http://h/other', seen: 'second', removed: null },
    { id: 'b', seen: 'second', removed: '2026-01-01 00:00:00' },
  ]);
  expect(report).toMatchObject({ catalogs: 2, images: 2, aside: [] });
});

it('a rebuild applies both catalogs of a run that was reset, and a repeated merge once', async () => {
  await fixture.merge('run', [image('a'), image('b')]);
  // parseCatalog replaces the former file by a new one.
  for (const name of ['catalog.parquet', 'rejects.ndjson'])
    fs.rmSync(fixture.path('runs', 'run', name));
  await fixture.merge('run', [image('b'), image('c')], { maxRemoved: 1 });
  await fixture.warehouse.mergeCatalog({
    warehouseId: 'w',
    runId: 'run',
    maxRemoved: 1,
    parquet: 'runs/run/catalog.parquet',
    rejects: 'runs/run/rejects.ndjson',
    record: fixture.record('run', '2026-01-01T00:00:00.000Z'),
  });
  const { before, after, report } = await loseAndRebuild();
  expect(after).toEqual(before);
  expect(after.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(report.catalogs).toBe(2);
});

it('a rebuild leaves out a refused catalog although its file exists', async () => {
  await fixture.merge('good', [image('a'), image('b'), image('c')]);
  const cut = fixture.merge('cut', [image('a'), image('b')], {
    startedAt: '2026-01-02T00:00:00.000Z',
  });
  await expect(cut).rejects.toMatchObject({ code: 'catalog_shrunk' });
  const { before, after, report } = await loseAndRebuild();
  expect(after).toEqual(before);
  expect(report.unmerged).toEqual(['cut']);
});

it('a rebuild restores outcomes, counts, runs and steps, and adds outcomes that were not committed', async () => {
  await fixture.merge('run', [image('a'), image('b')]);
  fixture.append('run', [ledgerLine({ id: 'a' }), ledgerLine({ id: 'b', outcome: 'failed' })]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'run' });
  const record = fixture.record('run', '2026-01-01T00:00:00.000Z');
  const steps = record.steps.map((step) => ({ ...step, doneCount: 2, failedCount: 1 }));
  await fixture.warehouse.recordRun({
    ...record,
    steps,
    state: 'failed',
    code: 'disk_io',
    detail: 'd',
    endedAt: '2026-01-01T01:00:00.000Z',
  });
  const runs = await loseAndRebuild('SELECT * FROM etl_run JOIN etl_step USING (run_id)');
  expect(runs.after).toEqual(runs.before);
  expect(runs.after).toMatchObject([{ state: 'failed', stored_count: 1, failed_count: 1 }]);
  const { after: counted } = await loseAndRebuild(
    'SELECT step, done_count, failed_count FROM etl_step',
  );
  expect(counted).toEqual([{ step: 'ingest', done_count: 2, failed_count: 1 }]);
  fixture.append('run', [ledgerLine({ id: 'b', dispatch: 2, execution: 'e2' })]);
  const { after } = await loseAndRebuild();
  expect(after).toMatchObject([{ done: true }, { done: true }]);
});

describe('after a ledger was damaged that had been applied', () => {
  const all = { warehouseId: 'w', runId: 'run' };
  const damages: readonly (readonly [string, (file: string) => void])[] = [
    [
      'cut',
      (file) => {
        fs.truncateSync(file, fs.statSync(file).size - 5);
      },
    ],
    [
      'changed',
      (file) => {
        fs.writeFileSync(file, ' '.repeat(5_000));
      },
    ],
    [
      'emptied',
      (file) => {
        fs.truncateSync(file, 0);
      },
    ],
    [
      'deleted',
      (file) => {
        fs.rmSync(file);
      },
    ],
  ];

  it.each(damages)(
    'a rebuild takes what is left of outcomes, and commits go on (%s)',
    async (_how, damage) => {
      await fixture.merge('run', [image('a'), image('b'), image('c')]);
      fixture.append('run', [ledgerLine({ id: 'a' })]);
      fixture.append('run', [ledgerLine({ id: 'b', execution: 'e2' })]);
      await fixture.warehouse.commitLedgers(all);
      damage(fixture.path('runs/run/ledger/l000001/e2.ndjson'));
      const { after } = await loseAndRebuild();
      expect(after).toMatchObject([{ done: true }, { done: false }, { done: false }]);
      fixture.append('run', [ledgerLine({ id: 'b', execution: 'e3' })]);
      expect(await fixture.warehouse.commitLedgers(all)).toMatchObject({ applied: 1 });
      expect(await fixture.differences()).toEqual([]);
    },
  );

  it.each(damages)('a rebuild takes what is left of features (%s)', async (_how, damage) => {
    await fixture.merge('run', [image('a'), image('b')]);
    appendFeatures(fixture.root, 'run', [computed('a'), computed('b', { execution: 'e2' })]);
    await fixture.warehouse.commitFeatures(all);
    damage(fixture.path('runs/run/features/ledger/f000001/e2.ndjson'));
    const sha256 = 'SELECT sha256 FROM fact_feature ORDER BY 1';
    const { before, after } = await loseAndRebuild(sha256);
    expect(before).toHaveLength(2);
    expect(after).toHaveLength(1);
    appendFeatures(fixture.root, 'run', [computed('b', { execution: 'e3' })]);
    expect(await fixture.warehouse.commitFeatures(all)).toMatchObject({ applied: 1 });
    expect(await fixture.query(sha256)).toEqual(before);
    expect(await fixture.differences()).toEqual([]);
  });
});

it('a rebuild without marks (of an earlier program) merges the catalogs of runs that went beyond ingest', async () => {
  const startedAt = '2026-01-02T00:00:00.000Z';
  await fixture.merge('beyond', [image('a')]);
  await fixture.merge('parked', [image('a'), image('b')], { startedAt });
  for (const [runId, step, state] of [
    ['beyond', 'download', 'running'],
    ['parked', 'ingest', 'parked'],
  ] as const) {
    fs.rmSync(fixture.path('runs', runId, 'merged'), { recursive: true });
    fs.rmSync(fixture.path('runs', runId, 'recorded.json'));
    const progress = { v: 1, sequence: 1, runId, workflowId: 'w', startedAt, updatedAt: startedAt };
    fs.writeFileSync(
      fixture.path('runs', runId, 'progress.json'),
      JSON.stringify({ ...progress, state: 'running', step: { name: step, state } }),
    );
  }
  const { after, report } = await loseAndRebuild();
  expect(after.map(({ id }) => id)).toEqual(['a']);
  expect(report).toMatchObject({ unmerged: ['parked'], guessed: ['beyond'] });
});

it('a rebuild keeps the former files, and refuses a data root without runs', async () => {
  const options = { dataRoot: fixture.root, database, onStage: () => undefined };
  const log = createLogger({ level: 'silent', pretty: false });
  await expect(rebuildWarehouse({ ...options, log })).rejects.toMatchObject({ code: 'input' });
  await fixture.merge('run', [image('a')]);
  fs.writeFileSync(fixture.path('warehouse.duckdb'), 'broken');
  fs.writeFileSync(fixture.path('warehouse.duckdb.wal'), 'its log');
  const { aside } = await rebuildWarehouse({ ...options, log });
  expect(aside.map((name) => fs.readFileSync(fixture.path(name), 'utf8'))).toEqual([
    'broken',
    'its log',
  ]);
  expect(aside[1]).toBe(`${String(aside[0])}.wal`);
  expect(await fixture.ask(IMAGES)).toHaveLength(1);
  expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
});
