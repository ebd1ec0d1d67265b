/** Ledgers contain and return whole lines only, whatever a crash left. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readLedger, resolvedInLane, resolvedKey } from '../../../src/files/ledger/ledger-reader';
import { openLedger } from '../../../src/files/ledger/ledger-writer';
import { ledgerLine } from '../../warehouse/warehouse-fixture';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-ledger-'));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

const LANE = { runId: 'r', lane: 'l000001' };
const file = (execution: string): string =>
  path.join(root, 'runs', 'r', 'ledger', 'l000001', `${execution}.ndjson`);

async function writeLedger(execution: string, ids: readonly string[], dispatch = 1): Promise<void> {
  const ledger = openLedger({ root, ...LANE, execution });
  for (const id of ids) ledger.append(ledgerLine({ id, execution, dispatch }));
  await ledger.close();
}

async function idsIn(execution: string): Promise<readonly (string | null)[]> {
  const ids = [];
  for await (const { line } of readLedger(file(execution))) ids.push(line?.id ?? null);
  return ids;
}

async function resolvedIds(sinceDispatch = 0): Promise<readonly string[]> {
  const keys = await resolvedInLane({ root, ...LANE, sinceDispatch });
  return [...keys].map((key) => key.split(' ')[1] ?? '').sort();
}

describe('a ledger', () => {
  it('returns every id unchanged', async () => {
    const ids = ['plain', 'with\nnewline', 'ü', '\u2028', '"quoted"', ' '];
    await writeLedger('e1', ids);
    expect(await idsIn('e1')).toEqual(ids);
    const keys = await resolvedInLane({ root, ...LANE, sinceDispatch: 0 });
    for (const id of ids) expect(keys).toContain(resolvedKey(id, ledgerLine({ id }).urlHash));
  });

  it('cannot be opened by a second attempt with the same token', async () => {
    await writeLedger('e1', ['a']);
    expect(() => openLedger({ root, ...LANE, execution: 'e1' })).toThrow(/EEXIST/);
  });

  it('that is cut at any byte loses only the cut line', async () => {
    await writeLedger('e1', ['a', 'b', 'c']);
    const whole = fs.readFileSync(file('e1'));
    for (let length = 0; length <= whole.length; length += 7) {
      fs.writeFileSync(file('e1'), whole.subarray(0, length));
      const lines = whole.subarray(0, length).filter((byte) => byte === 0x0a).length;
      expect(await idsIn('e1')).toEqual(['a', 'b', 'c'].slice(0, lines));
    }
  });

  it('with lines that are no outcomes is read beyond them', async () => {
    await writeLedger('e1', ['a']);
    fs.appendFileSync(file('e1'), 'noise\n{"v":2}\n');
    fs.appendFileSync(file('e1'), `${JSON.stringify(ledgerLine({ id: 'b' }))}\n`);
    expect(await idsIn('e1')).toEqual(['a', null, null, 'b']);
    expect(await resolvedIds()).toEqual(['a', 'b']);
  });

  it('of an earlier dispatch is skipped when the lane has passed it', async () => {
    await writeLedger('e1', ['a'], 1);
    await writeLedger('e2', ['b'], 2);
    expect(await resolvedIds(0)).toEqual(['a', 'b']);
    expect(await resolvedIds(2)).toEqual(['b']);
  });

  it('on a full disk ends at its last whole line', async () => {
    // A file size limit simulates a full disk without root.
    const script = `
      process.on('SIGXFSZ', () => {});
      const { openLedger } = require(${JSON.stringify(path.resolve('dist/files/ledger/ledger-writer.js'))});
      const ledger = openLedger({ root: ${JSON.stringify(root)}, runId: 'r', lane: 'l000001', execution: 'full' });
      const line = ${JSON.stringify(ledgerLine({ id: 'x' }))};
      let appended = 0;
      try { for (;;) { ledger.append(line); appended += 1; } }
      catch (error) { console.log(JSON.stringify({ code: error.code, appended })); }
      ledger.close().catch(() => process.exit(3));`;
    const command = `ulimit -f 8; exec ${process.execPath} -e "$SCRIPT"`;
    const { stdout } = spawnSync('bash', ['-c', command], {
      encoding: 'utf8',
      env: { ...process.env, SCRIPT: script },
    });
    const { code, appended } = JSON.parse(stdout) as { code: string; appended: number };
    expect(code).toBe('disk_full');
    expect(appended).toBeGreaterThan(5);
    expect(await idsIn('full')).toHaveLength(appended);
    expect(fs.readFileSync(file('full'), 'utf8').endsWith('\n')).toBe(true);
  });
});
