/** A computed file stays in `tmp/` only while a publication may come. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withDerivedTarget } from '../../src/activities/derived-target';
import { runPaths } from '../../src/files/data-root';
import { sweepTempFiles } from '../../src/files/temp-names';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-derived-'));
  fs.mkdirSync(path.join(root, 'tmp'));
  fs.mkdirSync(runPaths(root, 'r1').folder, { recursive: true });
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

const inTmp = (): readonly string[] => fs.readdirSync(path.join(root, 'tmp'));

function compute(after: (target: string) => void, signal?: AbortSignal): Promise<string> {
  const given = signal ?? new AbortController().signal;
  return withDerivedTarget(
    { dataRoot: root, kind: 'clusters', runId: 'r1', signal: given },
    (target) => {
      fs.writeFileSync(target, 'groups');
      after(target);
      return Promise.resolve(target);
    },
  );
}

function endRun(): void {
  fs.writeFileSync(runPaths(root, 'r1').summary, '{}');
}

it('a computed file stays until the end of its run, which removes those of no other run', async () => {
  const target = await compute(() => undefined);
  expect(inTmp()).toEqual([path.basename(target)]);
  sweepTempFiles({ root, runId: 'r2' });
  sweepTempFiles({ root, runId: '1' });
  expect(inTmp()).toEqual([path.basename(target)]);
  expect(sweepTempFiles({ root, runId: 'r1' })).toBe(1);
  expect(inTmp()).toEqual([]);
});

it('a file that was moved before the attempt was cancelled is removed', async () => {
  const controller = new AbortController();
  const cancelled = compute(() => {
    controller.abort(new Error('cancelled'));
  }, controller.signal);
  await expect(cancelled).rejects.toThrow('cancelled');
  expect(inTmp()).toEqual([]);
});

it('a file is removed when the work fails after it', async () => {
  const failed = compute(() => {
    throw new Error('the disk is full');
  });
  await expect(failed).rejects.toThrow('the disk is full');
  expect(inTmp()).toEqual([]);
});

it('a file that is ready after the end of its run is removed', async () => {
  await expect(compute(endRun)).rejects.toThrow('The run r1 ended while');
  expect(inTmp()).toEqual([]);
});

it('a file of a run that was reset after its end stays, also when its former end is taken away', async () => {
  endRun();
  await compute(() => undefined);
  await compute(() => {
    fs.rmSync(runPaths(root, 'r1').summary);
  });
  expect(inTmp()).toHaveLength(2);
});
