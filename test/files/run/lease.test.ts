import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { leaseHolder, takeLease } from '../../../src/files/run/lease';
import { canTrace } from '../traced-batch';

describe('the download lease', () => {
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-lease-'));
  });
  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });

  it('is free in an empty data root, and names its holder once taken', () => {
    expect(leaseHolder(root)).toBeNull();
    expect(takeLease(root, null, { runId: 'r1', childWorkflowId: 'a-download' })).toBe(true);
    expect(leaseHolder(root)).toMatchObject({ runId: 'r1', childWorkflowId: 'a-download' });
  });

  it('goes to only one of two runs that found the same dead holder', () => {
    takeLease(root, null, { runId: 'r1', childWorkflowId: 'a-download' });
    const dead = leaseHolder(root);
    expect(takeLease(root, dead, { runId: 'r2', childWorkflowId: 'b-download' })).toBe(true);
    expect(takeLease(root, dead, { runId: 'r3', childWorkflowId: 'c-download' })).toBe(false);
    expect(leaseHolder(root)?.runId).toBe('r2');
  });

  it('leaves no temporary file, and at most two files over many runs', () => {
    for (let run = 1; run <= 5; run += 1) {
      takeLease(root, leaseHolder(root), { runId: `r${run}`, childWorkflowId: 'x-download' });
    }
    expect(fs.readdirSync(path.join(root, 'tmp'))).toEqual([]);
    expect(fs.readdirSync(path.join(root, 'lease')).length).toBeLessThanOrEqual(2);
    expect(leaseHolder(root)?.runId).toBe('r5');
  });

  it('is free when its file is missing or was torn by a power failure', () => {
    takeLease(root, null, { runId: 'r1', childWorkflowId: 'a-download' });
    const file = path.join(root, 'lease', '00000001.json');
    for (const torn of ['', '{"v":1,"runId":"r', '{"v":1}']) {
      fs.writeFileSync(file, torn);
      expect(leaseHolder(root)).toMatchObject({ number: 1, childWorkflowId: '' });
    }
    expect(takeLease(root, leaseHolder(root), { runId: 'r2', childWorkflowId: 'b' })).toBe(true);
    expect(leaseHolder(root)?.runId).toBe('r2');
    fs.rmSync(path.join(root, 'lease', '00000002.json'));
    fs.symlinkSync('nowhere', path.join(root, 'lease', '00000003.json'));
    expect(leaseHolder(root)).toMatchObject({ number: 3, childWorkflowId: '' });
  });

  it('is not free when reading its file fails with an error that has no step code', () => {
    fs.mkdirSync(path.join(root, 'lease', '00000001.json'), { recursive: true });
    expect(() => leaseHolder(root)).toThrow('EISDIR');
  });
});

(canTrace ? describe : describe.skip)('a download lease that cannot be read', () => {
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-lease-'));
    takeLease(root, null, { runId: 'r1', childWorkflowId: 'a-download' });
  });
  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });

  it.each([
    ['EMFILE', 'lease/00000001.json', 'disk_io'],
    ['EIO', 'lease/00000001.json', 'disk_io'],
    ['EACCES', 'lease/00000001.json', 'disk_readonly'],
    ['EMFILE', 'lease', 'disk_io'],
    ['EACCES', 'lease', 'disk_readonly'],
  ])('is not free: %s at %s is reported as an error', (error, name, code) => {
    expect(holderBehind(root, { error, name })).toEqual({ code });
    expect(leaseHolder(root)?.runId).toBe('r1');
  });
});

/** The lease as read by a process in which strace makes every open call on one path fail. */
function holderBehind(root: string, { error, name }: { error: string; name: string }): unknown {
  const script = `
    const { leaseHolder } = require('./dist/files/run/lease');
    try { console.log(JSON.stringify({ holder: leaseHolder(process.env.ROOT) })); }
    catch ({ code }) { console.log(JSON.stringify({ code })); }`;
  const inject = ['-e', 'trace=open,openat', '-e', `inject=open,openat:error=${error}`];
  const run = spawnSync(
    'strace',
    [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-P',
      path.join(root, name),
      ...inject,
      process.execPath,
      '-e',
      script,
    ],
    { encoding: 'utf8', env: { ...process.env, ROOT: root } },
  );
  return JSON.parse(run.stdout);
}
