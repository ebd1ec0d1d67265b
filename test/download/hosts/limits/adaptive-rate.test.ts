/** A host's rate falls when the host is overloaded, recovers, and is passed from batch to batch. */
import { picture } from '../../../helpers/images/images';
import {
  reply,
  startLyingServer,
  type Answer,
  type LyingServer,
} from '../../../helpers/hosts/lying-server';
import { type BatchFixture, entryOf, forEachTest } from '../../batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
forEachTest((scene) => ({ server, batch } = scene));

it('the rate of a host falls by half at a 429, is passed on to the next batch, and rises with good answers', async () => {
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

it('the rate of a host does not fall at single 503s, which are errors of single images', async () => {
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

it('the rate of a host falls when answers begin much later than usual, but not when the host is always slow', async () => {
  const good = reply('200 OK', {}, await picture('jpeg'));
  const slow = await startLyingServer();
  try {
    const names = Array.from({ length: 200 }, (_none, n) => `/${n}`);
    const late: Answer = (socket, request) => {
      setTimeout(() => {
        good(socket, request);
      }, 1_300);
    };
    names.forEach((name, n) => {
      server.answer(name, n < 60 ? good : late);
      slow.answer(name, late);
    });
    const hosts = [server, slow].map(({ port }) => `127.0.0.1:${port}`);
    batch.plan(
      names.flatMap((name) =>
        hosts.map((host) => entryOf(`http://${host}${name}`, `${host}${name}`)),
      ),
    );
    const budgets = { default: { connections: 8, requestsPerSecond: 200 } };
    const left = await batch.run({
      settings: { ARTEMIS_ALLOW_PRIVATE_HOSTS: hosts.join(',') },
      input: { budgets, timeBoxSeconds: 8 },
    });
    expect(left.place).not.toBeNull();
    expect(hosts.map((host) => left.hosts[host]?.rate ?? 200)).toEqual([expect.any(Number), 200]);
    expect(left.hosts[hosts[0] ?? '']?.rate).toBeLessThanOrEqual(100);
  } finally {
    await slow.close();
  }
});
