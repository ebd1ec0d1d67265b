/**
 * Batches of one lane: each continues where the previous one stopped, for whatever reason it
 * stopped.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StepError } from '../../src/contract/errors';
import { requestDrain } from '../../src/files/run/drain-request';
import { picture } from '../helpers/images/images';
import { reply, type LyingServer } from '../helpers/hosts/lying-server';
import { type BatchFixture, RUN, entryOf, forEachTest } from './batch-fixture';

const COUNT = 40;
/** All images take eight seconds, so that a batch that is to end early ends well before. */
const SLOW = { default: { connections: 2, requestsPerSecond: 5 } };

let server: LyingServer;
let batch: BatchFixture;
forEachTest((scene) => ({ server, batch } = scene));

const url = (name: string): string => `http://127.0.0.1:${server.port}${name}`;

async function planMany(): Promise<void> {
  const names = Array.from({ length: COUNT }, (_, index) => `/${index}`);
  for (const [seed, name] of names.entries())
    server.answer(name, reply('200 OK', {}, await picture('jpeg', { seed })));
  batch.plan(names.map((name) => entryOf(url(name))));
}

function expectAllOnce(requests: number): void {
  const ids = batch.lines().map((line) => line.id);
  expect(new Set(ids).size).toBe(COUNT);
  expect(ids).toHaveLength(COUNT);
  expect(batch.files()).toHaveLength(COUNT);
  expect(server.requests.length).toBeLessThanOrEqual(requests);
}

describe('a batch', () => {
  it('ends with its time box and returns its place, from which the next one continues', async () => {
    await planMany();
    const startedAt = performance.now();
    const first = await batch.run({ input: { budgets: SLOW, timeBoxSeconds: 1 } });
    // How many images come within the time box depends on the machine.
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    expect(first.place?.entry).toBe(first.stored);
    expect(first.place?.entry).toBeLessThan(COUNT);
    const rest = await batch.run({ input: first.place === null ? {} : { place: first.place } });
    expect(rest.place).toBeNull();
    expect(first.stored + rest.stored).toBe(COUNT);
    expectAllOnce(COUNT);
  });

  it('that is recalled finishes its requests and returns its place, and sends none when it was recalled before it began', async () => {
    await planMany();
    const running = batch.run({ input: { budgets: SLOW } });
    while (server.requests.length < 5) await delay(10);
    requestDrain({ root: batch.root, runId: RUN }, 2);
    const first = await running;
    expect(first.place?.entry).toBeLessThan(COUNT);
    expect(batch.lines()).toHaveLength(server.requests.length);
    const place = first.place ?? { offset: 0, entry: 0 };
    const before = server.requests.length;
    const second = await batch.run({ input: { place } });
    expect(second).toMatchObject({ place, stored: 0 });
    expect(server.requests).toHaveLength(before);
    const rest = await batch.run({ input: { place } });
    expect(rest.place).toBeNull();
    expectAllOnce(COUNT);
  });

  it('of one of two lanes that share a budget uses half of it', async () => {
    await planMany();
    const startedAt = Date.now();
    const shared = { default: { connections: 4, requestsPerSecond: 40 } };
    await batch.run({ input: { budgets: shared, sharedBy: 2, timeBoxSeconds: 2 } });
    const seconds = Math.ceil((Date.now() - startedAt) / 1_000);
    expect(server.requests.length).toBeGreaterThan(20);
    expect(server.requests.length).toBeLessThanOrEqual(seconds * 20);
  });

  it('that was interrupted keeps what it has; its successor at the same place requests only the rest', async () => {
    await planMany();
    const controller = new AbortController();
    const running = batch.run({ input: { budgets: SLOW }, signal: controller.signal });
    while (server.requests.length < 15) await delay(10);
    controller.abort(new Error('shut down'));
    await expect(running).rejects.toThrow('shut down');
    const kept = batch.lines().length;
    expect(kept).toBeGreaterThan(10);
    expect(batch.temps()).toEqual([]);
    await batch.run({ input: { previousDispatch: 0 } });
    // Two images were under way.
    expectAllOnce(COUNT + 2);
  });

  it('that is interrupted while it opens ends at once, without a request', async () => {
    await planMany();
    const controller = new AbortController();
    const running = batch.run({ input: { budgets: SLOW }, signal: controller.signal });
    controller.abort(new Error('shut down'));
    await expect(running).rejects.toThrow('shut down');
    expect(server.requests).toEqual([]);
    expect(batch.lines()).toEqual([]);
  });

  it('skips a line that was cut by a crash, and requests that image again', async () => {
    await planMany();
    await batch.run();
    const file = batch.ledgerFiles()[0] ?? '';
    fs.truncateSync(file, fs.statSync(file).size - 10);
    await batch.run({ input: { previousDispatch: 0 } });
    expect(server.requests).toHaveLength(COUNT + 1);
    expect(batch.files()).toHaveLength(COUNT);
  });

  it('stops when the disk cannot hold the file, and records nothing about it', async () => {
    await planMany();
    const tmp = path.join(batch.root, 'tmp');
    fs.writeFileSync(tmp, 'a file where a folder belongs');
    const running = batch.run();
    await expect(running).rejects.toBeInstanceOf(StepError);
    await expect(running).rejects.toMatchObject({ code: 'disk_readonly' });
    expect(batch.lines()).toEqual([]);
    fs.rmSync(tmp);
    await batch.run();
    expect(batch.files()).toHaveLength(COUNT);
  });

  it('ends before its first request when less space is free than the worker requires', async () => {
    await planMany();
    const settings = { ARTEMIS_MIN_FREE_BYTES: '1e15' };
    await expect(batch.run({ settings })).rejects.toMatchObject({ code: 'disk_full' });
    expect(server.requests).toEqual([]);
  });
});

describe('ids that share a URL', () => {
  it('take one request, and each gets its file and its line', async () => {
    server.answer('/shared', reply('200 OK', {}, await picture('png')));
    batch.plan([entryOf(url('/shared'), 'a', 'B', '../c', 'ü')]);
    await batch.run();
    expect(server.requests).toHaveLength(1);
    const lines = batch.lines();
    expect(lines.map((line) => line.id)).toEqual(['a', 'B', '../c', 'ü']);
    expect(lines.map((line) => line.requests)).toEqual([1, 0, 0, 0]);
    expect(new Set(lines.map((line) => line.path)).size).toBe(4);
    expect([...batch.files()].sort()).toEqual(lines.map((line) => line.path).sort());
  });
});

describe('an image that is checked again', () => {
  it('is confirmed by a 304 when its file is whole, and requested again when it is not', async () => {
    const body = await picture('jpeg');
    server.answer('/x', (socket, request) => {
      const isSame = /^if-none-match: "v1"$/im.test(request.head);
      const answer = isSame ? reply('304 Not Modified') : reply('200 OK', { etag: '"v1"' }, body);
      answer(socket, request);
    });
    batch.plan([entryOf(url('/x'))]);
    await batch.run();
    const [line] = batch.lines();
    const { path: file, sha256, etag, lastModified } = line ?? {};
    if (file == null || sha256 == null) throw new Error('nothing was stored');
    const again = {
      ...entryOf(url('/x')),
      ids: [
        {
          id: '/x',
          urlHash: '1',
          file: { path: file, sha256, etag: etag ?? null, lastModified: lastModified ?? null },
        },
      ],
    };
    batch.plan([again]);
    await batch.run();
    expect(batch.lines()[1]).toMatchObject({
      outcome: 'not_modified',
      status: 304,
      path: file,
      sha256,
    });
    fs.chmodSync(path.join(batch.root, file), 0o644);
    fs.appendFileSync(path.join(batch.root, file), 'damaged');
    batch.plan([{ ...again, ids: again.ids.map((id) => ({ ...id, urlHash: '2' })) }]);
    await batch.run();
    const requests = server.requests.map(({ head }) => /if-none-match/i.test(head));
    expect(requests).toEqual([false, true, false]);
  });
});
