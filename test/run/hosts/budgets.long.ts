/**
 * Budgets of hosts, timed by packets on loopback: over several download processes, lanes of one
 * host, a budget that an operator changes, and a host that only redirects lead to.
 */
import fs from 'node:fs';
import path from 'node:path';
import { picture } from '../../helpers/images/images';
import { PacketCapture, mostInOneSecond } from '../../helpers/hosts/packet-capture';
import { Pipeline } from '../../helpers/runs/pipeline';
import { reply, startLyingServer, type LyingServer } from '../../helpers/hosts/lying-server';

const itCaptures = PacketCapture.isPossible() ? it : it.skip;
const LIMIT_MS = 240_000;

/** Long enough for requests of several processes to be under way at once. In milliseconds. */
const ANSWER_MS = 300;

let origin: LyingServer;
/** Where redirects lead to. */
let target: LyingServer;
let pipeline: Pipeline;
beforeEach(async () => {
  origin = await startLyingServer({ listen: '0.0.0.0' });
  target = await startLyingServer({ listen: '127.0.0.99' });
  pipeline = await Pipeline.create({
    ARTEMIS_ALLOW_PRIVATE_HOSTS: '127.0.0.0/8',
    ARTEMIS_ALLOWED_PORTS: `${origin.port},${target.port}`,
    // Short batches: they go from worker to worker.
    ARTEMIS_BATCH_SECONDS: '2',
  });
});
afterEach(async () => {
  await pipeline.dispose();
  await origin.close();
  await target.close();
});

async function start(urls: readonly string[], hosts: object): Promise<void> {
  await pipeline.up();
  for (let n = 0; n < 2; n += 1)
    await pipeline.start('worker', '--queues', 'download').says('workers are ready');
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  const rows = urls.map((url, n) => `${n},${url}\n`);
  fs.writeFileSync(path.join(pipeline.root, 'catalogs/c.csv'), `id,url\n${rows.join('')}`);
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'budgets'],
    ...['--task-queue', 'artemis-pipeline'],
    ...['--input', JSON.stringify({ catalog: 'catalogs/c.csv', hosts })],
  );
}

itCaptures(
  'a host in several lanes gets its budget once, also when an operator changes it',
  async () => {
    const image = reply('200 OK', {}, await picture('jpeg'));
    const urls = Array.from({ length: 4_500 }, (_none, n) => `/${n}`);
    for (const url of urls) origin.answer(url, image);
    const capture = await PacketCapture.of(origin.port);
    await start(
      urls.map((url) => `http://127.0.0.1:${origin.port}${url}`),
      { default: { connections: 12, requestsPerSecond: 500 } },
    );
    await pipeline.when((run) => run.stored > 500);
    await pipeline.setDefaultBudget('budgets', { connections: 6, requestsPerSecond: 60 });
    const changedAt = Date.now() / 1_000;
    await pipeline.when((run) => run.state === 'completed', 200);
    const times = await capture.end();
    expect(times).toHaveLength(urls.length);
    expect(mostInOneSecond(times)).toBeLessThanOrEqual(500);
    // Running batches learn of it with their next heartbeat.
    const after = times.filter((at) => at > changedAt + 5);
    expect(after.length).toBeGreaterThan(500);
    expect(mostInOneSecond(after)).toBeLessThanOrEqual(60);
    expect(mostInOneSecond(after)).toBeGreaterThan(45);
  },
  LIMIT_MS,
);

itCaptures(
  'a host that only redirects lead to gets its budget once from all download processes',
  async () => {
    const image = reply('200 OK', {}, await picture('jpeg'));
    const budget = { connections: 4, requestsPerSecond: 10 };
    const underWay = { now: 0, most: 0 };
    // Hosts with a lane of their own, because one takes more than twenty seconds.
    const urls = [2, 3, 4].flatMap((host) =>
      Array.from({ length: 201 }, (_none, n) => {
        const name = `/${host}-${n}`;
        target.answer(name, (socket, request) => {
          underWay.now += 1;
          underWay.most = Math.max(underWay.most, underWay.now);
          setTimeout(() => {
            underWay.now -= 1;
            image(socket, request);
          }, ANSWER_MS);
        });
        const location = `http://127.0.0.99:${target.port}${name}`;
        origin.answer(name, reply('302 Found', { location }));
        return `http://127.0.0.${host}:${origin.port}${name}`;
      }),
    );
    const capture = await PacketCapture.of(target.port);
    await start(urls, { default: budget });
    await pipeline.when((run) => run.state === 'completed', 200);
    const times = await capture.end();
    expect(times).toHaveLength(urls.length);
    expect(mostInOneSecond(times)).toBeLessThanOrEqual(budget.requestsPerSecond);
    expect(mostInOneSecond(times)).toBeGreaterThan(budget.requestsPerSecond - 3);
    // Connections that a process keeps for its next request are not counted.
    expect(underWay.most).toBeLessThanOrEqual(budget.connections);
    expect(underWay.most).toBeGreaterThan(1);
  },
  LIMIT_MS,
);
