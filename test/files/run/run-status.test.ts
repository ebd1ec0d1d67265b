/** What `status` makes of the files of a run. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RunState, Summary } from '../../../src/contract/run-record';
import { writeCommitted } from '../../../src/files/ledger/committed-record';
import { readStatus } from '../../../src/files/run/run-status';
import {
  reopenRun,
  touchProgress,
  writeProgress,
  writeSummary,
} from '../../../src/files/run/run-records';
import { openLedger } from '../../../src/files/ledger/ledger-writer';
import { ledgerLine } from '../../warehouse/warehouse-fixture';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-status-'));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

const NOW = new Date();

function openRun(runId: string, startedAt: string): void {
  fs.mkdirSync(path.join(root, 'runs', runId), { recursive: true });
  const run = { v: 1, runId, workflowId: `w-${runId}`, input: {}, catalog: null, startedAt };
  fs.writeFileSync(path.join(root, 'runs', runId, 'run.json'), JSON.stringify(run));
}

function progress(
  runId: string,
  sequence: number,
  stored: number,
  state?: RunState,
  life?: string,
  updatedAt = NOW,
): void {
  writeProgress({
    root,
    runId,
    progress: {
      ...{ v: 1, sequence, life, runId, workflowId: `w-${runId}`, state: state ?? 'running' },
      step: { name: 'download', state: 'running', code: null, detail: null },
      ...{ planned: 10, stored, notModified: 0, failed: 0, committed: stored, bytes: 0 },
      ...{ ratePerSecond: 1, secondsLeft: 5, startedAt: '2026-01-01T00:00:00.000Z' },
      ...{ updatedAt: updatedAt.toISOString(), cutOff: false },
    },
  });
}

describe('status', () => {
  it('of nothing is empty, and makes nothing', async () => {
    const missing = path.join(root, 'missing');
    expect(await readStatus(missing, NOW)).toMatchObject({
      runs: [],
      warehouse: { present: false, lockedBy: null },
      snapshot: { present: false, publishedAt: null },
    });
    expect(fs.existsSync(missing)).toBe(false);
  });

  it('lists the newest run first', async () => {
    openRun('a', '2026-01-02T00:00:00.000Z');
    openRun('b', '2026-01-03T00:00:00.000Z');
    openRun('c', '2026-01-01T00:00:00.000Z');
    const { runs } = await readStatus(root, NOW);
    expect(runs.map((run) => run.runId)).toEqual(['b', 'a', 'c']);
  });

  it('tells no end before summary.json is there to be read', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    progress('a', 1, 3, 'completed');
    expect((await readStatus(root, NOW)).runs[0]?.state).toBe('running');
  });

  it('counts what ledgers hold beyond the last record', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    progress('a', 1, 1);
    const ledger = openLedger({ root, runId: 'a', lane: 'l000001', execution: 'e' });
    for (const id of ['1', '2', '3']) ledger.append(ledgerLine({ id }));
    ledger.append(ledgerLine({ id: '4', outcome: 'failed' }));
    await ledger.close();
    const [run] = (await readStatus(root, NOW)).runs;
    expect(run).toMatchObject({ stored: 3, failed: 1, committed: 1, planned: 10, cutOff: false });
  });

  it('adds to what was committed only what lies beyond', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    const ledger = openLedger({ root, runId: 'a', lane: 'l000001', execution: 'e' });
    for (const id of ['1', '2']) ledger.append(ledgerLine({ id }));
    const name = 'runs/a/ledger/l000001/e.ndjson';
    const counts = { stored: 2, notModified: 0, failed: 0, bytes: 200 };
    const ledgers = { [name]: fs.statSync(path.join(root, name)).size };
    writeCommitted({ root, runId: 'a', record: { v: 1, ledgers, counts } });
    for (const id of ['3', '4', '5']) ledger.append(ledgerLine({ id }));
    await ledger.close();
    expect((await readStatus(root, NOW)).runs[0]).toMatchObject({ stored: 5, bytes: 500 });
  });

  it('refuses an older record', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    progress('a', 5, 5);
    progress('a', 4, 4);
    expect((await readStatus(root, NOW)).runs[0]?.stored).toBe(5);
  });

  it('says so of one that waits for another run only when nobody works on that', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    progress('a', 1, 0, 'waiting');
    const later = new Date(NOW.getTime() + 600_000);
    expect((await readStatus(root, later)).runs[0]).toMatchObject({ cutOff: true });
    touchProgress({ root, runId: 'a', now: later });
    expect((await readStatus(root, later)).runs[0]).toMatchObject({
      state: 'waiting',
      cutOff: false,
      updatedAt: later.toISOString(),
    });
  });

  it('says of a run that stands still that it was cut off', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    progress('a', 1, 1);
    const later = new Date(NOW.getTime() + 600_000);
    expect((await readStatus(root, NOW)).runs[0]?.cutOff).toBe(false);
    expect((await readStatus(root, later)).runs[0]).toMatchObject({
      cutOff: true,
      updatedAt: NOW.toISOString(),
    });
  });

  it('does not take a run for cut off because the server’s clock is an hour behind', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    progress('a', 1, 1, 'running', undefined, new Date(NOW.getTime() - 3_600_000));
    expect((await readStatus(root, new Date())).runs[0]?.cutOff).toBe(false);
  });
});

describe('a run that was reset after its end', () => {
  const states = async (): Promise<readonly [RunState | undefined, boolean]> => [
    (await readStatus(root, NOW)).runs[0]?.state,
    fs.existsSync(path.join(root, 'runs', 'a', 'summary.json')),
  ];
  const endsAt = (life: string, endedAt: Date): boolean => {
    const identity = { v: 1, runId: 'a', workflowId: 'w-a', startedAt: NOW.toISOString() } as const;
    const nothing = { planned: 0, stored: 0, notModified: 0, failed: 0, bytes: 0, requests: 0 };
    const summary = {
      ...identity,
      state: 'completed',
      endedAt: endedAt.toISOString(),
      run: nothing,
    };
    return writeSummary({ root, runId: 'a', life, summary: summary as unknown as Summary });
  };
  const later = new Date(NOW.getTime() + 1_000);

  beforeEach(() => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    progress('a', 5, 3, 'completed', 'first');
    endsAt('first', NOW);
  });

  it('is ended by its living life alone, as often as that tells its end', () => {
    expect(endsAt('first', NOW)).toBe(true);
    progress('a', 6, 3, 'running', 'second');
    expect(endsAt('first', later)).toBe(false);
    expect(endsAt('second', later)).toBe(true);
    expect([endsAt('second', later), endsAt('first', later)]).toEqual([true, false]);
  });

  it('lives again with the first record of its next life, until that ends', async () => {
    progress('a', 6, 3, 'running', 'second');
    expect(await states()).toEqual(['running', false]);
    progress('a', 7, 3, 'completed', 'second');
    endsAt('second', later);
    expect(await states()).toEqual(['completed', true]);
  });

  it('lives again with anything that its next life does', async () => {
    reopenRun({ root, runId: 'a', life: 'second', scheduledAt: later.getTime() });
    expect(await states()).toEqual(['running', false]);
  });

  it('stays ended when the life that ended, or one before it, has something left to say', async () => {
    progress('a', 6, 3, 'running', 'first');
    progress('a', 4, 3, 'running', 'zeroth');
    reopenRun({ root, runId: 'a', life: 'first', scheduledAt: later.getTime() });
    reopenRun({ root, runId: 'a', life: 'zeroth', scheduledAt: NOW.getTime() - 1 });
    expect(await states()).toEqual(['completed', true]);
  });

  it('is not ended by a life that was taken away', async () => {
    progress('a', 6, 3, 'running', 'second');
    endsAt('first', later);
    expect(await states()).toEqual(['running', false]);
  });
});
