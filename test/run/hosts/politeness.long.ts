/**
 * Measures at the origin that the budget holds over four worker processes, and a Retry-After over a
 * restart of everything.
 */
import fs from 'node:fs';
import path from 'node:path';
import { picture } from '../../helpers/images/images';
import {
  reply,
  startLyingServer,
  type Answer,
  type LyingServer,
} from '../../helpers/hosts/lying-server';
import { Pipeline } from '../../helpers/runs/pipeline';

/** In seconds. */
const RETRY_AFTER = 45;

let server: LyingServer;
let pipeline: Pipeline;
beforeEach(async () => {
  server = await startLyingServer();
  const host = `127.0.0.1:${server.port}`;
  // The batches are short, so that they move from worker to worker.
  const settings = { ARTEMIS_ALLOW_PRIVATE_HOSTS: host, ARTEMIS_BATCH_SECONDS: '2' };
  pipeline = await Pipeline.create(settings);
});
afterEach(async () => {
  await pipeline.dispose();
  await server.close();
});

async function start(count: number, answer: Answer): Promise<void> {
  const names = Array.from({ length: count }, (_none, n) => `/${n}`);
  for (const name of names) server.answer(name, answer);
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  const rows = names.map((name) => `${name},http://127.0.0.1:${server.port}${name}`);
  fs.writeFileSync(path.join(pipeline.root, 'catalogs/c.csv'), `id,url\n${rows.join('\n')}\n`);
  const hosts = { default: { connections: 4, requestsPerSecond: 20 } };
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'polite'],
    ...['--task-queue', 'artemis-pipeline'],
    ...['--input', JSON.stringify({ catalog: 'catalogs/c.csv', hosts })],
  );
}

it('four download workers together keep the limits of connections and of requests in every second', async () => {
  const image = reply('200 OK', {}, await picture('jpeg'));
  const times: number[] = [];
  await pipeline.up();
  for (let n = 0; n < 3; n += 1)
    await pipeline.start('worker', '--queues', 'download').says('workers are ready');
  await start(500, (socket, request) => {
    times.push(performance.now());
    setTimeout(() => {
      image(socket, request);
    }, 50);
  });
  await pipeline.when((run) => run.state === 'completed', 120);
  expect(times).toHaveLength(500);
  const most = Math.max(
    ...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length),
  );
  expect(most).toBeLessThanOrEqual(20);
  expect(most).toBeGreaterThanOrEqual(15);
  expect(server.connections.most).toBeLessThanOrEqual(4);
}, 180_000);

it('a Retry-After survives a restart of the server and of every worker', async () => {
  const image = reply('200 OK', {}, await picture('jpeg'));
  const askedAt: number[] = [];
  const first = await pipeline.up();
  await start(20, (socket, request) => {
    askedAt.push(Date.now());
    const wait = reply('503 Service Unavailable', { 'retry-after': String(RETRY_AFTER) });
    const isWaiting = Date.now() - (askedAt[0] ?? 0) < RETRY_AFTER * 1_000 - 1_000;
    (isWaiting ? wait : image)(socket, request);
  });
  await pipeline.when(({ step }) => (step?.detail ?? '').includes('asked us to wait'));
  const before = askedAt.length;
  expect(before).toBeLessThanOrEqual(4);
  first.kill('SIGKILL');
  await first.finished;
  pipeline.killServer();
  await pipeline.up();
  const { stored } = await pipeline.when((run) => run.state === 'completed', 150);
  expect(stored).toBe(20);
  expect((askedAt[before] ?? 0) - (askedAt[0] ?? 0)).toBeGreaterThanOrEqual(
    RETRY_AFTER * 1_000 - 1_000,
  );
}, 240_000);
