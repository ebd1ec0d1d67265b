/** A host never gets more requests than its budget allows, and its waits are obeyed. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { type BatchFixture, entryOf, forEachTest } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await picture('jpeg');
});
forEachTest((scene) => ({ server, batch } = scene));

const url = (path: string): string => `http://127.0.0.1:${server.port}${path}`;

/** Plans `count` images, each with the answer that `answer` returns. */
function plan(count: number, answer = reply('200 OK', {}, jpeg)): void {
  const paths = Array.from({ length: count }, (_, index) => `/${index}`);
  for (const path of paths) server.answer(path, answer);
  batch.plan(paths.map((path) => entryOf(url(path))));
}

/** The largest number of `times` within any window. In milliseconds. */
function mostWithin(times: readonly number[], windowMs: number): number {
  return Math.max(
    ...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length),
  );
}

describe('budgets', () => {
  it('limit the requests in every window of one second, over batches of one lane', async () => {
    const times: number[] = [];
    plan(50, (socket, request) => {
      times.push(performance.now());
      reply('200 OK', {}, jpeg)(socket, request);
    });
    const budgets = { default: { connections: 8, requestsPerSecond: 20 } };
    const stalls = monitorEventLoopDelay({ resolution: 5 });
    stalls.enable();
    await batch.run({ input: { budgets } });
    stalls.disable();
    expect(batch.lines()).toHaveLength(50);
    // The server is in this process. While the process stands still, arrivals are not observed, so
    // a second may look shorter by that time.
    expect(mostWithin(times, 1_000 - Math.min(500, stalls.max / 1e6))).toBeLessThanOrEqual(20);
    expect(mostWithin(times, 1_100)).toBeGreaterThanOrEqual(18);
  });

  it('limit the open connections', async () => {
    plan(40, (socket, request) => {
      setTimeout(() => {
        reply('200 OK', {}, jpeg)(socket, request);
      }, 30);
    });
    await batch.run({
      input: { budgets: { default: { connections: 3, requestsPerSecond: 500 } } },
    });
    expect(batch.lines()).toHaveLength(40);
    expect(server.connections.most).toBe(3);
  });

  it('never exceed the worker’s caps, whatever the run asks for', async () => {
    plan(30);
    await batch.run({ settings: { ARTEMIS_MAX_CONNECTIONS_PER_HOST: '2' } });
    expect(server.connections.most).toBeLessThanOrEqual(2);
  });
});

describe.each([1, 2])('a host that resets every connection but %i', (mostConnections) => {
  it('gives all its images in one run, although each has only two attempts', async () => {
    const limited = await startLyingServer({ mostConnections });
    const paths = Array.from({ length: 40 }, (_, index) => `/${index}`);
    for (const path of paths)
      limited.answer(path, (socket, request) => {
        setTimeout(() => {
          reply('200 OK', {}, jpeg)(socket, request);
        }, 50);
      });
    batch.plan(paths.map((path) => entryOf(`http://127.0.0.1:${limited.port}${path}`)));
    await batch.run({
      input: { budgets: { default: { connections: 8, requestsPerSecond: 500 } } },
      settings: {
        ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${limited.port}`,
        ARTEMIS_MAX_ATTEMPTS: '2',
      },
    });
    await limited.close();
    expect(batch.lines().filter(({ outcome }) => outcome === 'stored')).toHaveLength(40);
  });
});

describe('Retry-After', () => {
  it('is waited for within the batch, costs no attempt, and holds for the whole host', async () => {
    const times: number[] = [];
    plan(10, (socket, request) => {
      times.push(performance.now());
      const first = server.requests.length <= 1;
      const answer = first
        ? reply('429 Too Many Requests', { 'retry-after': '2' })
        : reply('200 OK', {}, jpeg);
      answer(socket, request);
    });
    const budgets = { default: { connections: 1, requestsPerSecond: 100 } };
    await batch.run({ settings: { ARTEMIS_MAX_ATTEMPTS: '1' }, input: { budgets } });
    const lines = batch.lines();
    expect(lines.map((line) => line.outcome)).toEqual(lines.map(() => 'stored'));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1_950);
    const host = `127.0.0.1:${server.port}`;
    expect(batch.waits).toEqual([{ host, waitMs: 2_000, code: 'http_429' }]);
  });

  it('of more than half a minute ends the batch, which returns the host and the time', async () => {
    plan(10, reply('503 Service Unavailable', { 'retry-after': '120' }));
    const startedAt = Date.now();
    const { place, pause, stored } = await batch.run();
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(stored).toBe(0);
    expect(place).toEqual({ offset: 0, entry: 0 });
    expect(pause).toMatchObject({ host: `127.0.0.1:${server.port}`, code: 'http_503' });
    expect(pause?.waitMs).toBeGreaterThan(115_000);
    expect(pause?.waitMs).toBeLessThanOrEqual(120_000);
    expect(batch.lines()).toEqual([]);
  });

  it('is capped by the worker', async () => {
    plan(1, reply('503 Service Unavailable', { 'retry-after': '999999999' }));
    const { pause } = await batch.run({ settings: { ARTEMIS_MAX_RETRY_AFTER: '60' } });
    expect(pause?.waitMs).toBeLessThanOrEqual(60_000);
  });

  it('that is repeated three times lets the host’s remaining images fail, retryable, without a request', async () => {
    plan(20, reply('429 Too Many Requests', { 'retry-after': '0' }));
    const budgets = { default: { connections: 1, requestsPerSecond: 500 } };
    const { place } = await batch.run({ input: { budgets } });
    expect(place).toBeNull();
    const lines = batch.lines();
    expect(lines).toHaveLength(20);
    for (const line of lines)
      expect(line).toMatchObject({ outcome: 'failed', code: 'http_429', retryable: true });
    expect(server.requests.length).toBeLessThan(6);
  });

  it.each([
    [1, '0'],
    [4, '0'],
    [2, '1'],
  ])(
    'that one image always gets lets it fail alone, retryable, after four requests: %i connections, %s s',
    async (connections, seconds) => {
      plan(30);
      server.answer('/5', reply('429 Too Many Requests', { 'retry-after': seconds }));
      await batch.run({ input: { budgets: { default: { connections, requestsPerSecond: 500 } } } });
      const lines = batch.lines();
      const failed = lines.filter(({ outcome }) => outcome !== 'stored');
      expect(lines).toHaveLength(30);
      expect(failed).toMatchObject([{ code: 'http_429', retryable: true, requests: 4 }]);
      expect(failed[0]?.detail).toContain('the host asks for patience for it');
    },
  );
});

describe('attempts', () => {
  it('are three in all after transient failures', async () => {
    plan(1, reply('500 Oops'));
    await batch.run();
    expect(batch.lines()).toMatchObject([{ code: 'http_500', retryable: true, requests: 3 }]);
  });

  it('are one after a permanent failure', async () => {
    plan(1, reply('410 Gone'));
    await batch.run();
    expect(batch.lines()).toMatchObject([{ code: 'http_410', retryable: false, requests: 1 }]);
  });

  it('that succeed at last store the image, and the ledger records the number of requests', async () => {
    plan(1, (socket, request) => {
      const answer = request.before < 2 ? reply('502 Bad') : reply('200 OK', {}, jpeg);
      answer(socket, request);
    });
    await batch.run();
    expect(batch.lines()).toMatchObject([{ outcome: 'stored', requests: 3 }]);
  });
});
