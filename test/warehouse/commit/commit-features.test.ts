/** Commits of feature ledgers: real ledgers, a real warehouse. */
import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FeatureLine, FeatureValues } from '../../../src/contract/features/feature';
import type { CommitFeaturesResult } from '../../../src/contract/features/feature-payloads';
import { createLogger } from '../../../src/log';
import { verify } from '../../../src/verify/verify';
import { rebuildWarehouse } from '../../../src/warehouse/rebuild/rebuild-warehouse';
import { appendFeatures, computed, failed, VALUES } from '../feature-lines';
import { database, WarehouseFixture } from '../warehouse-fixture';

let fixture: WarehouseFixture;
beforeEach(() => {
  fixture = new WarehouseFixture();
});
afterEach(() => {
  fixture.remove();
});

function append(lines: readonly FeatureLine[]): void {
  appendFeatures(fixture.root, 'r1', lines);
}

function commit(runId: string | null = 'r1'): Promise<CommitFeaturesResult> {
  return fixture.warehouse.commitFeatures({ warehouseId: 'w', runId });
}

describe('a commit of features', () => {
  it('keeps every bit of the values', async () => {
    fixture.openRun('r1', '2026-01-01T00:00:00.000Z');
    append([computed('a')]);
    await commit();
    const [row] = await fixture.query(
      `SELECT phash, pdq_0, pdq_1, pdq_2, pdq_3, pdq_quality, sharpness, palette::VARCHAR AS palette, colour,
         hex(placeholder) AS placeholder, hex(look) AS look, bit_count(xor(phash, -1)) AS unset FROM feature`,
    );
    expect(row).toEqual({
      phash: -256,
      pdq_0: 1,
      pdq_1: '-9223372036854775808',
      pdq_2: '9223372036854775807',
      pdq_3: -1,
      pdq_quality: 100,
      sharpness: 1234.5,
      palette:
        "[{'l': 0.5, 'a': -0.25, 'b': 0.125, 'share': 0.75}, {'l': 0.25, 'a': 0.0, 'b': 1e-07, 'share': 0.25}]",
      colour: 'blue',
      placeholder: '010203',
      look: 'FF'.repeat(64),
      unset: 8,
    });
  });

  it('applies each line once, however often it is repeated, and counts files once', async () => {
    fixture.openRun('r1', '2026-01-01T00:00:00.000Z');
    append([computed('a'), failed('b')]);
    expect(await commit()).toMatchObject({
      applied: 2,
      ledgers: 1,
      run: { computed: 1, failed: 1 },
    });
    expect(await commit()).toMatchObject({
      applied: 0,
      ledgers: 0,
      run: { computed: 1, failed: 1 },
    });
    // Another attempt computed the same file, and one that had failed.
    append([computed('a', { execution: 'e2' }), computed('b', { execution: 'e2' }), failed('c')]);
    expect(await commit(null)).toMatchObject({ applied: 3, ledgers: 2, run: null });
    expect(await commit()).toMatchObject({
      applied: 0,
      run: { computed: 2, failed: 1 },
      codes: { corrupt: 1 },
    });
    expect(await fixture.query('SELECT count(*) AS n FROM fact_feature')).toEqual([{ n: 5 }]);
    expect(await fixture.differences()).toEqual([]);
  });

  it('counts all files of a run after its warehouse was replaced, or another run was counted', async () => {
    await fixture.storeImages('r1', ['a', 'b']);
    fixture.openRun('r2', '2026-01-02T00:00:00.000Z');
    appendFeatures(fixture.root, 'r2', [computed('b'), computed('c'), computed('d')]);
    expect(await commit('r2')).toMatchObject({ run: { computed: 3, failed: 0 } });
    append([computed('a'), failed('b')]);
    expect(await commit()).toMatchObject({ run: { computed: 1, failed: 1 } });
    // The new warehouse has the rows of r1 before those of r2.
    append([computed('c')]);
    rmSync(fixture.path('warehouse.duckdb'));
    const log = createLogger({ level: 'silent', pretty: false });
    await rebuildWarehouse({ dataRoot: fixture.root, database, log, onStage: () => undefined });
    expect(await commit()).toMatchObject({ applied: 0, run: { computed: 2, failed: 1 } });
    expect(await commit('r2')).toMatchObject({ run: { computed: 3, failed: 0 } });
  });

  it('leaves a torn line to the next commit, and passes over one that is no line', async () => {
    fixture.openRun('r1', '2026-01-01T00:00:00.000Z');
    append([computed('a')]);
    const folder = fixture.path('runs', 'r1', 'features', 'ledger', 'f000001');
    const [name = ''] = readdirSync(folder);
    const text = JSON.stringify(computed('b'));
    const bad = JSON.stringify(computed('c', { values: { ...VALUES, phash: 'no hash' } }));
    appendFileSync(path.join(folder, name), `${bad}\n${text.slice(0, 50)}`);
    expect(await commit()).toMatchObject({ applied: 1 });
    appendFileSync(path.join(folder, name), `${text.slice(50)}\n`);
    expect(await commit()).toMatchObject({ applied: 1, run: { computed: 2 } });
    expect(
      await fixture.query('SELECT list(line ORDER BY line)::VARCHAR AS lines FROM fact_feature'),
    ).toEqual([{ lines: '[1, 3]' }]);
    expect(await fixture.differences()).toEqual([]);
  });

  it('refuses a ledger that has lost what was applied of it', async () => {
    fixture.openRun('r1', '2026-01-01T00:00:00.000Z');
    append([computed('a')]);
    await commit();
    rmSync(fixture.path('runs', 'r1', 'features', 'ledger', 'f000001', 'e1.ndjson'));
    append([failed('a')]);
    await expect(commit()).rejects.toMatchObject({ code: 'ledger_changed' });
  });
});

describe('the features of a collection', () => {
  it('are those of the newest version, and every stored file is in one state', async () => {
    await fixture.storeImages('r1', ['old', 'new', 'broken', 'waiting']);
    append([computed('old'), computed('new'), failed('broken'), computed('of no image')]);
    append([
      computed('new', {
        version: 2,
        execution: 'e2',
        values: { ...VALUES, colour: 'red' },
      }),
    ]);
    await commit();
    const states = await fixture.query(
      `SELECT i.source_image_id AS id, s.state, s.code FROM feature_state s
       JOIN image i ON i.thumb_sha256 = s.sha256 ORDER BY id`,
    );
    expect(states).toEqual([
      { id: 'broken', state: 'pending', code: null },
      { id: 'new', state: 'computed', code: null },
      { id: 'old', state: 'pending', code: null },
      { id: 'waiting', state: 'pending', code: null },
    ]);
    const rows = await fixture.query(
      'SELECT source_image_id AS id, version, colour FROM image_feature ORDER BY id',
      true,
    );
    expect(rows).toEqual([
      { id: 'new', version: 2, colour: 'red' },
      { id: 'old', version: 1, colour: 'blue' },
    ]);
  });

  it('have the clock of the camera and its metadata, which lines of version 1 lack', async () => {
    await fixture.storeImages('r1', ['a', 'b']);
    const fields = Object.entries(VALUES);
    const former: unknown = Object.fromEntries(
      fields.filter(([name]) => name !== 'takenAt' && name !== 'metadata'),
    );
    append([computed('a'), computed('b', { values: former as FeatureValues })]);
    await commit();
    const rows = await fixture.query(
      `SELECT source_image_id AS id, taken_at::VARCHAR AS taken_at, metadata->>'$.make' AS make
       FROM image_feature ORDER BY id`,
      true,
    );
    expect(rows).toEqual([
      { id: 'a', taken_at: '2021-05-01 12:30:59', make: 'Canon' },
      { id: 'b', taken_at: null, make: null },
    ]);
  });

  it('pass the check, and come again when the warehouse is rebuilt', async () => {
    await fixture.storeImages('r1', ['a', 'b', 'c']);
    append([computed('a'), failed('b')]);
    await commit();
    const states = 'SELECT state, count(*) AS n FROM feature_state GROUP BY ALL ORDER BY state';
    const expected = [
      { state: 'computed', n: 1 },
      { state: 'failed', n: 1 },
      { state: 'pending', n: 1 },
    ];
    expect(await fixture.query(states, true)).toEqual(expected);
    rmSync(fixture.path('warehouse.duckdb'));
    const log = createLogger({ level: 'silent', pretty: false });
    const options = { dataRoot: fixture.root, database, log, onStage: () => undefined };
    expect(await rebuildWarehouse(options)).toMatchObject({ outcomes: 3, features: 2 });
    expect(await fixture.ask(states)).toEqual(expected);
    const { checks } = await verify({
      dataRoot: fixture.root,
      database,
      deep: false,
      onProgress: () => undefined,
    });
    const checkOf = (id: string): unknown => checks.find((check) => check.id === id);
    expect(checkOf('K11')).toMatchObject({ ok: true, checked: 3 });
    expect(checkOf('K4')).toMatchObject({ ok: true, checked: 5 });
    expect(checks.map(({ id }) => id).slice(-2)).toEqual(['K11', 'K12']);
  });

  it('pass the check when a worker that stood still adds a known line, and not when it adds news', async () => {
    await fixture.storeImages('r1', ['a', 'b', 'c']);
    append([computed('a'), failed('b')]);
    await commit();
    await fixture.query('SELECT 1');
    const at = '2026-01-01T10:00:00.000Z';
    const summary = { v: 1, runId: 'r1', workflowId: 'w', state: 'completed', startedAt: at };
    Object.assign(summary, { endedAt: at, counts: {}, run: {}, codes: {} });
    writeFileSync(fixture.path('runs', 'r1', 'summary.json'), JSON.stringify(summary));
    const problems = async (): Promise<unknown> => {
      const report = await verify({
        dataRoot: fixture.root,
        database,
        deep: false,
        onProgress: () => undefined,
      });
      return report.checks.find(({ id }) => id === 'K4')?.examples;
    };
    append([computed('a', { execution: 'late' }), failed('b', { execution: 'late' })]);
    append([failed('a', { execution: 'late' })]);
    expect(await problems()).toEqual([]);
    append([computed('b', { execution: 'late' }), computed('c', { execution: 'late' })]);
    append([computed('a', { execution: 'late', version: 2 })]);
    expect(await problems()).toEqual([
      'runs/r1/features/ledger/f000001/late.ndjson: its run has ended, but 3 lines are not committed',
    ]);
  });
});
