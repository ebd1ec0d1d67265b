/** Records of a data root that exist and cannot be read do not count as absent. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { leaseHolder } from '../../../src/files/run/lease';
import { listMerges } from '../../../src/files/run/merge-mark';
import { readRecorded } from '../../../src/files/run/recorded-run';
import { readRun, writeRunFile } from '../../../src/files/run/run-records';
import { lastServerRecord } from '../../../src/server/embedded/server-record';

const RUN = 'r1';
const IN_RUN = path.join('runs', RUN);

/** A reader, and the file that it reads. */
type Reader = readonly [file: string, read: (root: string) => unknown];

const READERS: readonly Reader[] = [
  [path.join(IN_RUN, 'run.json'), (root) => readRun({ root, runId: RUN })],
  [path.join(IN_RUN, 'recorded.json'), (root) => readRecorded(root, RUN)],
  [path.join(IN_RUN, 'merged', '00000001.json'), (root) => listMerges(root)[0] ?? null],
  [path.join('temporal', 'server.json'), lastServerRecord],
  [path.join('lease', '00000001.json'), (root) => leaseHolder(root)?.runId ?? null],
];

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-records-'));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

/** Every attempt to read a folder as a file fails, also those of root. */
function makeUnreadable(file: string): void {
  fs.mkdirSync(path.join(root, file), { recursive: true });
}

it.each(READERS)('there is no record when %s is absent', (_file, read) => {
  expect(read(root)).toBeNull();
});

it.each(READERS)('there is no record when another program has written %s', (file, read) => {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), '{"v":1,');
  // A torn lease has a number, and nobody holds it.
  expect(read(root)).toBe(file.startsWith('lease') ? '' : null);
});

it.each(READERS)('reading fails when %s cannot be read', (file, read) => {
  makeUnreadable(file);
  expect(() => read(root)).toThrow('EISDIR');
});

it.each(['progress.json', 'summary.json'])('reading a run fails when %s cannot be read', (name) => {
  const identity = { v: 1, runId: RUN, workflowId: 'w' } as const;
  const run = { ...identity, input: {}, catalog: null, startedAt: '2026-01-01T00:00:00.000Z' };
  writeRunFile({ root, run: run as unknown as Parameters<typeof writeRunFile>[0]['run'] });
  expect(readRun({ root, runId: RUN })).toMatchObject({ progress: null, summary: null });
  makeUnreadable(path.join(IN_RUN, name));
  expect(() => readRun({ root, runId: RUN })).toThrow('EISDIR');
});
