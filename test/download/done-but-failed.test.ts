/**
 * Work that was done but reported as failed, or not reported at all, is done once: one line, one
 * file. (O20; of a COMMIT: test/warehouse)
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { BatchFixture, entryOf } from './batch-fixture';

const NAMES = ['/0', '/1', '/2', '/3'];
const INJECTOR = path.join(__dirname, '../helpers/failures/done-but-failed.cjs');
const budgets = { default: { connections: 1, requestsPerSecond: 100 } };

let server: LyingServer;
let batch: BatchFixture;
beforeEach(async () => {
  server = await startLyingServer();
  batch = new BatchFixture(server.port);
  for (const [seed, name] of NAMES.entries())
    server.answer(name, reply('200 OK', {}, await picture('jpeg', { seed })));
  batch.plan(NAMES.map((name) => entryOf(`http://127.0.0.1:${server.port}${name}`)));
});
afterEach(async () => {
  await batch.dispose();
  await server.close();
});

/** Runs the batch in a process in which one call fails after it was done. */
function failing(call: string) {
  return async ({
    dataRoot,
    input,
    attempt,
    config,
  }: BatchOptions): Promise<DownloadBatchResult> => {
    const worker = fork(path.join(__dirname, 'batch-once.cjs'), [], {
      execArgv: ['--require', INJECTOR],
      env: { ...process.env, DONE_BUT_FAILED: call },
    });
    worker.send({ dataRoot, input, attempt, config, isApart: false });
    const [answer] = (await once(worker, 'message')) as [DownloadBatchResult];
    return answer;
  };
}

function expectEachOnce(): void {
  const lines = batch.lines();
  expect(lines.map((line) => line.id).sort()).toEqual(NAMES);
  expect([...batch.files()].sort()).toEqual(lines.map((line) => line.path).sort());
  expect(batch.temps()).toEqual([]);
}

describe('a call that did its work and reports an error', () => {
  it.each([
    ['the append to the ledger', 'write 2 .ndjson'],
    ['the sync of the ledger', 'fdatasync 1 .ndjson'],
    ['a write to a temporary file', 'write 2 .part'],
    ['the sync of a file', 'fsync 2 .part'],
    ['the final name of a file', 'link 2 .part'],
    ['the sync of a folder of images', 'fsync 1 thumbs/'],
    ['the removal of the temporary name', 'unlink 2 .part'],
  ])(
    'ends the batch with disk_io, and the next attempt does the rest (%s)',
    async (_what, call) => {
      const input = { budgets, verify: 'signature' as const };
      expect(await batch.run({ work: failing(call), input })).toMatchObject({ code: 'disk_io' });
      const before = batch.lines().length;
      await batch.run({ input: { ...input, previousDispatch: 0 } });
      expectEachOnce();
      // The group whose call failed may have contained all images.
      expect(server.requests.length).toBeLessThanOrEqual(2 * NAMES.length);
      expect(before).toBeLessThanOrEqual(NAMES.length);
    },
  );

  it('does no harm at the rename of a record, which is written again under its own sequence number', () => {
    const records = path.join(__dirname, '../../dist/files/run/run-records.js');
    const script = `
      const { writeProgress } = require(${JSON.stringify(records)});
      const write = () => writeProgress({ root: ${JSON.stringify(batch.root)}, runId: 'r',
        progress: { v: 1, sequence: 7, runId: 'r', workflowId: 'w', startedAt: '', updatedAt: '' } });
      try { write(); } catch (error) { process.stdout.write(error.code); }
      write();`;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--require', INJECTOR, '-e', script],
      {
        encoding: 'utf8',
        env: { ...process.env, DONE_BUT_FAILED: 'rename 1 progress.json' },
      },
    );
    expect({ stdout, stderr, status }).toEqual({ stdout: 'disk_io', stderr: '', status: 0 });
    const file = path.join(batch.root, 'runs', 'r', 'progress.json');
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toMatchObject({ sequence: 7 });
    expect(batch.temps()).toEqual([]);
  });
});

describe('a batch whose completion was never received', () => {
  it('is done: the next attempt sends no request and writes nothing', async () => {
    expect(await batch.run()).toMatchObject({ place: null, stored: NAMES.length });
    // Temporal gives the same batch to a worker again.
    expect(await batch.run({ input: { previousDispatch: 0 } })).toMatchObject({
      place: null,
      stored: 0,
    });
    expect(server.requests).toHaveLength(NAMES.length);
    expectEachOnce();
  });
});
