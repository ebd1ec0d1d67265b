/**
 * prune never touches what a row names: current files, earlier versions, and what is in a ledger
 * but not yet committed.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { tempName } from '../../src/files/temp-names';
import { prune, type PruneReport } from '../../src/maintenance/prune';
import { deleteUnnamed } from '../../src/maintenance/unnamed-files';
import { database, ledgerLine, urlHash, WarehouseFixture } from '../warehouse/warehouse-fixture';

const fixture = new WarehouseFixture();
afterAll(() => {
  fixture.remove();
});

/** Writes a file in today's layout, or in that of older versions. */
function put(name: string): string {
  const folder = name.startsWith('v1') || name.startsWith('old') ? 'aa/bb' : 'abc';
  const relative = `raw/images/thumbs/${folder}/${name}`;
  fs.mkdirSync(path.dirname(fixture.path(relative)), { recursive: true });
  fs.writeFileSync(fixture.path(relative), name);
  return relative;
}

const exists = (relative: string): boolean => fs.existsSync(fixture.path(relative));

function runPrune(): Promise<PruneReport> {
  return prune({ dataRoot: fixture.root, database, dryRun: false });
}

it('prune keeps current, earlier and uncommitted files, and deletes what nothing names', async () => {
  const names = ['v1.jpg', 'v2.jpg', 'new.jpg', 'stray.jpg', 'old-stray.jpg'];
  const [former, current, uncommitted, stray, oldStray] = names.map(put);
  await fixture.merge('r1', [{ id: 'a', url: 'http://h/v1' }]);
  fixture.append('r1', [
    ledgerLine({ id: 'a', urlHash: urlHash('http://h/v1'), path: former ?? '' }),
  ]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  const startedAt = '2026-01-02T00:00:00.000Z';
  await fixture.merge('r2', [{ id: 'a', url: 'http://h/v2' }], { startedAt, replace: true });
  fixture.append('r2', [
    ledgerLine({ id: 'a', urlHash: urlHash('http://h/v2'), path: current ?? '' }),
  ]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
  await fixture.query('SELECT 1');
  fixture.append('r2', [ledgerLine({ id: 'b', path: uncommitted ?? '', execution: 'e2' })]);
  // A ledger was removed, so only the snapshot names its files.
  fs.rmSync(fixture.path('runs', 'r1', 'ledger'), { recursive: true });
  // The run was cut off long ago, so none of its files changes any more.
  for (const file of ['r2/ledger/l000001/e1', 'r2/ledger/l000001/e2'])
    fs.utimesSync(fixture.path('runs', `${file}.ndjson`), new Date(0), new Date(0));

  // No process has this id, because it is the one of a child that has ended.
  const { pid } = spawnSync(process.execPath, ['--version']);
  const temp = tempName('dead').replace(`-${process.pid}-`, `-${pid}-`);
  fs.writeFileSync(fixture.path('tmp', temp), 'left');
  fs.writeFileSync(fixture.path('tmp', tempName('alive')), 'in use');

  const { groups } = await runPrune();
  fs.rmSync(fixture.path('tmp', fs.readdirSync(fixture.path('tmp'))[0] ?? ''));
  expect(groups).toEqual([
    {
      what: 'image files that no row names',
      items: [
        { path: oldStray, bytes: 13 },
        { path: stray, bytes: 9 },
      ],
    },
    {
      what: 'temporary files of processes that are gone',
      items: [{ path: `tmp/${temp}`, bytes: 4 }],
    },
  ]);
  const all = [former, current, uncommitted, stray, oldStray];
  expect(all.map((file) => exists(file ?? ''))).toEqual([true, true, true, false, false]);
});

it('prune puts back a file that a ledger names by the time it would be deleted', async () => {
  const [again = '', stray = ''] = ['again.jpg', 'stray.jpg'].map(put);
  const files = [again, stray].map((file) => ({ path: file, bytes: 9 }));
  fixture.append('r2', [ledgerLine({ id: 'c', path: again, execution: 'e3' })]);
  expect(await deleteUnnamed(fixture.root, { files, ledgerBytes: new Map() })).toEqual([again]);
  expect([exists(again), exists(stray)]).toEqual([true, false]);
  expect(fs.readdirSync(fixture.path('tmp'))).toEqual([]);
});

it('prune refuses while a ledger grows, even that of a run that has ended and was reset', async () => {
  await expect(runPrune()).rejects.toMatchObject({ code: 'input' });
  const end = (endedAt: string): void => {
    const summary = { v: 1, runId: 'r2', workflowId: 'w', startedAt: '', endedAt, run: {} };
    const file = fixture.path('runs', 'r2', 'summary.json');
    fs.writeFileSync(file, JSON.stringify({ ...summary, state: 'completed' }));
  };
  // Its lines were written at 10 o'clock.
  end('2026-01-01T09:00:00.000Z');
  await expect(runPrune()).rejects.toMatchObject({ code: 'input' });
  end('2026-01-01T11:00:00.000Z');
  expect((await runPrune()).groups).toEqual([]);
});

it('prune deletes the notes and the plan of a run that has ended, and keeps those of others', async () => {
  const startedAt = '2026-01-01T00:00:00.000Z';
  const summaryOf = (runId: string): object => ({
    v: 1,
    runId,
    workflowId: 'w',
    startedAt,
    run: {},
    state: 'completed',
    endedAt: new Date(Date.now() + 60_000).toISOString(),
  });
  for (const runId of ['ended', 'cut-off']) {
    const run = { v: 1, runId, workflowId: 'w', startedAt, input: {}, catalog: null };
    for (const folder of ['plan', 'executions/l000001'])
      fs.mkdirSync(fixture.path('runs', runId, folder), { recursive: true });
    fs.writeFileSync(fixture.path('runs', runId, 'executions/l000001/1.0123'), '');
    fs.writeFileSync(fixture.path('runs', runId, 'run.json'), JSON.stringify(run));
    // None of its files has changed for long.
    fs.utimesSync(fixture.path('runs', runId, 'run.json'), new Date(0), new Date(0));
  }
  const end = fixture.path('runs', 'ended', 'summary.json');
  fs.writeFileSync(end, JSON.stringify(summaryOf('ended')));
  expect((await runPrune()).groups).toEqual([
    { what: 'plans of ended runs', items: [{ path: 'runs/ended/plan', bytes: 0 }] },
    {
      what: 'notes of executions of ended runs',
      items: [{ path: 'runs/ended/executions', bytes: 0 }],
    },
  ]);
  expect(['ended', 'cut-off'].map((runId) => exists(`runs/${runId}/executions`))).toEqual([
    false,
    true,
  ]);
});
