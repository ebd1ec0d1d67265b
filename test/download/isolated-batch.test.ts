/**
 * A batch in a process of its own works as it does within the worker, and finds out which image
 * kills it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { runIsolatedBatch } from '../../src/download/isolation/isolated-batch';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { until } from '../helpers/until';
import { BatchFixture, entryOf } from './batch-fixture';

const COUNT = 30;
const INJECTOR = path.join(__dirname, '../helpers/failures/killed-by-an-answer.cjs');
const SLOW = { default: { connections: 2, requestsPerSecond: 20 } };
const work = runIsolatedBatch;

let server: LyingServer;
let batch: BatchFixture;
beforeEach(async () => {
  server = await startLyingServer();
  batch = new BatchFixture(server.port);
  const names = Array.from({ length: COUNT }, (_, index) => `/${index}`);
  for (const [seed, name] of names.entries())
    server.answer(name, reply('200 OK', {}, await picture('jpeg', { seed })));
  batch.plan(names.map((name) => entryOf(url(name), name, `${name} again`)));
});
afterEach(async () => {
  await batch.dispose();
  await server.close();
});

const url = (name: string): string => `http://127.0.0.1:${server.port}${name}`;
const requestsFor = (name: string): number =>
  server.requests.filter((request) => request.path === name).length;

/** Runs the batch in a worker whose environment loads the injector. */
async function workUnderPoison({
  dataRoot,
  input,
  attempt,
  config,
}: BatchOptions): Promise<DownloadBatchResult> {
  const worker = fork(path.join(__dirname, 'batch-once.cjs'), [], {
    env: {
      ...process.env,
      NODE_OPTIONS: `--require ${INJECTOR}`,
      POISON_FILE: path.join(dataRoot, 'poison'),
    },
  });
  worker.send({ dataRoot, input, attempt, config, isApart: true });
  const [result] = (await once(worker, 'message')) as [DownloadBatchResult];
  return result;
}

it('an isolated batch stores its images and returns its place', async () => {
  const first = await batch.run({ work, input: { budgets: SLOW, timeBoxSeconds: 1 } });
  expect(first.place?.entry).toBeGreaterThan(0);
  expect(first.place?.entry).toBeLessThan(COUNT);
  const rest = await batch.run({ work, input: first.place === null ? {} : { place: first.place } });
  expect(rest).toMatchObject({ place: null, deaths: 0 });
  expect(first.stored + rest.stored).toBe(2 * COUNT);
  expect(server.requests).toHaveLength(COUNT);
});

it('an isolated batch dies at most three times over one image, whose ids fail while all others are stored', async () => {
  fs.writeFileSync(path.join(batch.root, 'poison'), '/7\n/8\n/25');
  const result = await batch.run({ work: workUnderPoison });
  expect(result).toMatchObject({ place: null, stored: 2 * (COUNT - 3), failed: 6 });
  const failed = batch.lines().filter((line) => line.outcome === 'failed');
  const ids = ['/7', '/7 again', '/8', '/8 again', '/25', '/25 again'];
  expect(failed.map((line) => line.id)).toEqual(ids);
  for (const line of failed)
    expect(line).toMatchObject({ code: 'poison', retryable: false, requests: 0 });
  expect(failed[0]?.detail).toContain('SIGKILL');
  for (const name of ['/7', '/8', '/25']) expect(requestsFor(name)).toBeLessThanOrEqual(6);
  expect(requestsFor('/20')).toBeLessThanOrEqual(3);
  expect(batch.files()).toHaveLength(2 * (COUNT - 3));
});

it('an isolated batch stops when its signal is aborted, and keeps its ledger', async () => {
  const controller = new AbortController();
  const running = batch.run({ work, input: { budgets: SLOW }, signal: controller.signal });
  await until(() => server.requests.length >= 10, {
    within: 60,
    every: 10,
    saying: 'ten requests',
  });
  controller.abort(new Error('shut down'));
  await expect(running).rejects.toThrow('shut down');
  expect(batch.lines().length).toBeGreaterThan(10);
  expect(batch.temps()).toEqual([]);
  await batch.run({ work, input: { previousDispatch: 0 } });
  // Two images were under way.
  expect(server.requests.length).toBeLessThanOrEqual(COUNT + 2);
  expect(batch.files()).toHaveLength(2 * COUNT);
});

it('an isolated batch ends with the code of the step when the disk is full', async () => {
  const settings = { ARTEMIS_MIN_FREE_BYTES: '1e15' };
  await expect(batch.run({ work, settings })).rejects.toMatchObject({ code: 'disk_full' });
  expect(server.requests).toEqual([]);
});
