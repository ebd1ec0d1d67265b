/** The status of a data root as computed from the files of its runs. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { StepName } from '../../../src/contract/run-input';
import type { RunState, Summary } from '../../../src/contract/run-record';
import { writeCommitted } from '../../../src/files/ledger/committed-record';
import { writeIngestProgress } from '../../../src/files/run/ingest-progress';
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

function recordProgress(
  runId: string,
  sequence: number,
  stored: number,
  state?: RunState,
  life?: string,
  updatedAt = NOW,
  step: StepName = 'download',
): void {
  writeProgress({
    root,
    runId,
    progress: {
      v: 1,
      sequence,
      life,
      runId,
      workflowId: `w-${runId}`,
      state: state ?? 'running',
      step: { name: step, state: 'running', code: null, detail: null },
      planned: 10,
      stored,
      notModified: 0,
      failed: 0,
      committed: stored,
      bytes: 0,
      ratePerSecond: 1,
      secondsLeft: 5,
      startedAt: '2026-01-01T00:00:00.000Z',
      updatedAt: updatedAt.toISOString(),
      cutOff: false,
    },
  });
}

describe('status', () => {
  it('has the rows that were read while the catalog is read, and not those that a killed worker left', async () => {
    openRun('r', '2026-01-01T00:00:00.000Z');
    const progress = { rows: 1_000, ratePerSecond: 500 };
    writeIngestProgress({ root, runId: 'r' }, progress);
    recordProgress('r', 1, 0, 'running', undefined, NOW, 'ingest');
    expect((await readStatus(root, NOW)).runs[0]?.ingest).toEqual(progress);
    recordProgress('r', 2, 0);
    expect((await readStatus(root, NOW)).runs[0]?.ingest).toBeNull();
  });

  it('of a missing data root is empty, and creates nothing', async () => {
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

  it('reports no end of a run before summary.json exists', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    recordProgress('a', 1, 3, 'completed');
    expect((await readStatus(root, NOW)).runs[0]?.state).toBe('running');
  });

  it('counts outcomes of ledgers beyond the last progress record', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    recordProgress('a', 1, 1);
    const ledger = openLedger({ root, runId: 'a', lane: 'l000001', execution: 'e' });
    for (const id of ['1', '2', '3']) ledger.append(ledgerLine({ id }));
    ledger.append(ledgerLine({ id: '4', outcome: 'failed' }));
    await ledger.close();
    const [run] = (await readStatus(root, NOW)).runs;
    expect(run).toMatchObject({ stored: 3, failed: 1, committed: 1, planned: 10, cutOff: false });
  });

  it('adds to the committed counts only outcomes that are not committed', async () => {
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

  it('ignores a progress record that is older than the current one', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    recordProgress('a', 5, 5);
    recordProgress('a', 4, 4);
    expect((await readStatus(root, NOW)).runs[0]?.stored).toBe(5);
  });

  it('reports a waiting run as cut off only if its record is not touched', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    recordProgress('a', 1, 0, 'waiting');
    const later = new Date(NOW.getTime() + 600_000);
    expect((await readStatus(root, later)).runs[0]).toMatchObject({ cutOff: true });
    touchProgress({ root, runId: 'a', now: later });
    expect((await readStatus(root, later)).runs[0]).toMatchObject({
      state: 'waiting',
      cutOff: false,
      updatedAt: later.toISOString(),
    });
  });

  it('reports a run without any change as cut off', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    recordProgress('a', 1, 1);
    const later = new Date(NOW.getTime() + 600_000);
    expect((await readStatus(root, NOW)).runs[0]?.cutOff).toBe(false);
    expect((await readStatus(root, later)).runs[0]).toMatchObject({
      cutOff: true,
      updatedAt: NOW.toISOString(),
    });
  });

  it('does not report a run as cut off because the server’s clock is an hour behind', async () => {
    openRun('a', '2026-01-01T00:00:00.000Z');
    recordProgress('a', 1, 1, 'running', undefined, new Date(NOW.getTime() - 3_600_000));
    expect((await readStatus(root, new Date())).runs[0]?.cutOff).toBe(false);
  });
});

describe('a run that was reset after its end', () => {
  const readState = async (): Promise<readonly [RunState | undefined, boolean]> => [
    (await readStatus(root, NOW)).runs[0]?.state,
    fs.existsSync(path.join(root, 'runs', 'a', 'summary.json')),
  ];
  const recordEnd = (life: string, endedAt: Date): boolean => {
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
    recordProgress('a', 5, 3, 'completed', 'first');
    recordEnd('first', NOW);
  });

  it('is ended only by its current workflow execution, which may report its end twice', () => {
    expect(recordEnd('first', NOW)).toBe(true);
    recordProgress('a', 6, 3, 'running', 'second');
    expect(recordEnd('first', later)).toBe(false);
    expect(recordEnd('second', later)).toBe(true);
    expect([recordEnd('second', later), recordEnd('first', later)]).toEqual([true, false]);
  });

  it('is running from the first record of its next workflow execution until that ends', async () => {
    recordProgress('a', 6, 3, 'running', 'second');
    expect(await readState()).toEqual(['running', false]);
    recordProgress('a', 7, 3, 'completed', 'second');
    recordEnd('second', later);
    expect(await readState()).toEqual(['completed', true]);
  });

  it('is running again after any activity of its next workflow execution', async () => {
    reopenRun({ root, runId: 'a', life: 'second', scheduledAt: later.getTime() });
    expect(await readState()).toEqual(['running', false]);
  });

  it('stays ended when a former workflow execution reports late', async () => {
    recordProgress('a', 6, 3, 'running', 'first');
    recordProgress('a', 4, 3, 'running', 'zeroth');
    reopenRun({ root, runId: 'a', life: 'first', scheduledAt: later.getTime() });
    reopenRun({ root, runId: 'a', life: 'zeroth', scheduledAt: NOW.getTime() - 1 });
    expect(await readState()).toEqual(['completed', true]);
  });

  it('is not ended by a workflow execution that a reset replaced', async () => {
    recordProgress('a', 6, 3, 'running', 'second');
    recordEnd('first', later);
    expect(await readState()).toEqual(['running', false]);
  });
});
