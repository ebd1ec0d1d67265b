import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { leaseHolder, takeLease } from '../../src/files/lease';

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

  it('goes to one of two that saw the same dead holder', () => {
    takeLease(root, null, { runId: 'r1', childWorkflowId: 'a-download' });
    const dead = leaseHolder(root);
    expect(takeLease(root, dead, { runId: 'r2', childWorkflowId: 'b-download' })).toBe(true);
    expect(takeLease(root, dead, { runId: 'r3', childWorkflowId: 'c-download' })).toBe(false);
    expect(leaseHolder(root)?.runId).toBe('r2');
  });

  it('leaves nothing in tmp, and does not grow with every run', () => {
    for (let run = 1; run <= 5; run += 1) {
      takeLease(root, leaseHolder(root), { runId: `r${run}`, childWorkflowId: 'x-download' });
    }
    expect(fs.readdirSync(path.join(root, 'tmp'))).toEqual([]);
    expect(fs.readdirSync(path.join(root, 'lease')).length).toBeLessThanOrEqual(2);
    expect(leaseHolder(root)?.runId).toBe('r5');
  });
});
