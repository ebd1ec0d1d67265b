/** A host's rate falls when it is too much, recovers, and goes along from batch to batch. */
import { picture } from '../helpers/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/lying-server';
import { BatchFixture, entryOf } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
beforeEach(async () => {
  server = await startLyingServer();
  batch = new BatchFixture(server.port);
});
afterEach(async () => {
  await batch.dispose();
  await server.close();
});

it('falls by half at a 429, is handed on, and rises again with good answers', async () => {
  const good = reply('200 OK', {}, await picture('jpeg'));
  const names = Array.from({ length: 130 }, (_none, n) => `/${n}`);
  const times: number[] = [];
  names.forEach((name, n) => {
    server.answer(name, (socket, request) => {
      times.push(performance.now());
      const isBusy = n === 0 && request.before === 0;
      (isBusy ? reply('429 Too Many', { 'retry-after': '1' }) : good)(socket, request);
    });
  });
  const host = `127.0.0.1:${server.port}`;
  batch.plan(names.map((name) => entryOf(`http://${host}${name}`)));
  const budgets = { default: { connections: 1, requestsPerSecond: 40 } };
  const first = await batch.run({ input: { budgets, timeBoxSeconds: 2.5 } });
  const rate = first.hosts[host]?.rate ?? 40;
  expect(rate).toBeGreaterThanOrEqual(20);
  expect(rate).toBeLessThan(26);
  const { place, hosts, tried } = first;
  if (place === null) throw new Error('the lane is done: it was not slowed');
  times.length = 0;
  const second = await batch.run({ input: { budgets, place, hosts, tried, timeBoxSeconds: 2 } });
  const most = Math.max(
    ...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length),
  );
  expect(most).toBeLessThanOrEqual(26);
  expect(second.hosts[host]?.rate ?? 40).toBeGreaterThan(rate);
});

it('does not fall at single 503s, which are their images’ own', async () => {
  const good = reply('200 OK', {}, await picture('jpeg'));
  const names = Array.from({ length: 120 }, (_none, n) => `/${n}`);
  const unavailable = reply('503 Unavailable');
  names.forEach((name, n) => {
    server.answer(name, (socket, request) => {
      (n % 20 === 5 && request.before === 0 ? unavailable : good)(socket, request);
    });
  });
  const host = `127.0.0.1:${server.port}`;
  batch.plan(names.map((name) => entryOf(`http://${host}${name}`)));
  const { hosts } = await batch.run();
  expect(hosts[host]?.rate).toBeUndefined();
  expect(batch.lines().filter(({ outcome }) => outcome === 'stored')).toHaveLength(120);
});
