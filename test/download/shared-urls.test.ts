/**
 * A URL of thousands of ids (that of a placeholder) takes one request, however the work is
 * interrupted, and blocks nothing else.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LanePlace } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { BatchFixture, entryOf } from './batch-fixture';

const name = (index: number): string => `placeholder ${index}`;

/** Enough ids to take several of the time boxes below, however quick the machine is. */
const ids = Array.from({ length: 4_000 }, (_, n) => name(n));
let server: LyingServer;
let batch: BatchFixture;
beforeEach(async () => {
  server = await startLyingServer();
  server.answer('/shared', reply('200 OK', { etag: '"v1"' }, await picture('png')));
  batch = new BatchFixture(server.port);
});
afterEach(async () => {
  await batch.dispose();
  await server.close();
});

const url = (): string => `http://127.0.0.1:${server.port}/shared`;

/**
 * The ledgers of the same dispatch count, as they do for the successor of an attempt that was
 * interrupted.
 */
const AGAIN = { input: { previousDispatch: 0 } };

function expectAllFromOneRequest(): void {
  expect(server.requests).toHaveLength(1);
  const lines = batch.lines();
  expect(lines.map(({ id }) => id).sort()).toEqual([...ids].sort());
  expect(lines.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
  expect(new Set(lines.map(({ outcome, etag }) => `${outcome} ${String(etag)}`))).toEqual(
    new Set(['stored "v1"']),
  );
  expect([...batch.files()].sort()).toEqual(lines.map((line) => line.path).sort());
  expect(batch.temps()).toEqual([]);
}

/** The number of lines at present. */
function written(): number {
  const [file] = batch.ledgerFiles();
  return file === undefined ? 0 : fs.readFileSync(file, 'utf8').split('\n').length - 1;
}

async function whenWritten(lines: number): Promise<void> {
  while (!fs.existsSync(path.join(batch.root, 'raw')) || written() < lines) await delay(5);
}

describe('hundreds of ids of one URL', () => {
  beforeEach(() => {
    batch.plan([entryOf(url(), ...ids)]);
  });

  it('take one request, and do not block the event loop', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 10);
    const startedAt = performance.now();
    const result = await batch.run();
    const ms = performance.now() - startedAt;
    clearInterval(timer);
    expect(result).toMatchObject({ place: null, stored: ids.length, failed: 0 });
    expectAllFromOneRequest();
    expect(ticks).toBeGreaterThan(ms / 200);
  });

  it('keep their whole lines when the batch is cancelled among them, and the rest takes no second request', async () => {
    const controller = new AbortController();
    const running = batch.run({ signal: controller.signal });
    await whenWritten(ids.length / 10);
    controller.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
    expect(written()).toBeLessThan(ids.length);
    expect(batch.lines()).toHaveLength(written());
    await batch.run(AGAIN);
    expectAllFromOneRequest();
  });

  it('take no second request when the process is killed among them', async () => {
    const running = batch.run({ work: killedAt(ids.length / 10) });
    await expect(running).rejects.toThrow('killed');
    expect(written()).toBeLessThan(ids.length);
    await batch.run(AGAIN);
    expectAllFromOneRequest();
  });

  it('keep the place of the batch over several time boxes, until the last id has its line', async () => {
    let place: LanePlace | null = { offset: 0, entry: 0 };
    let batches = 0;
    for (; place !== null && batches < 1_000; batches += 1) {
      const input: { place: LanePlace; previousDispatch: number } = { place, previousDispatch: 0 };
      const result = await batch.run({ input: { ...input, timeBoxSeconds: 0.05 } });
      expect(result.place ?? place).toEqual(place);
      place = result.place;
    }
    expect(batches).toBeGreaterThan(1);
    expectAllFromOneRequest();
  });
});

/** Works in a process that is killed when it has written this many lines. */
function killedAt(lines: number) {
  return async ({ dataRoot, input, attempt, config }: BatchOptions): Promise<never> => {
    const worker = fork(path.join(__dirname, 'batch-once.cjs'));
    worker.send({ dataRoot, input, attempt, config, isApart: false });
    await whenWritten(lines);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    throw new Error('killed');
  };
}

describe('an entry of which some ids are settled', () => {
  const few = ['a', 'b', 'c', 'd'];

  /** As if the attempt had died before its last line. */
  async function cutOff(): Promise<void> {
    batch.plan([entryOf(url(), ...few)]);
    await batch.run();
    const [file = ''] = batch.ledgerFiles();
    const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
    fs.writeFileSync(
      file,
      lines
        .slice(0, -1)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }

  it('records the same failure for the other ids', async () => {
    server.answer('/shared', reply('404 Not Found'));
    await cutOff();
    await batch.run(AGAIN);
    expect(server.requests).toHaveLength(1);
    const last = batch.lines().at(-1);
    expect(last).toMatchObject({ id: 'd', code: 'http_404', status: 404, requests: 0 });
  });

  it('is requested again when the stored file is damaged', async () => {
    await cutOff();
    const [kept] = batch.lines();
    fs.appendFileSync(path.join(batch.root, kept?.path ?? ''), 'damaged');
    await batch.run(AGAIN);
    expect(server.requests).toHaveLength(2);
    expect(batch.lines().at(-1)).toMatchObject({ id: 'd', outcome: 'stored', requests: 1 });
  });

  it('does not apply a conflict of one id to the others', async () => {
    await cutOff();
    const files = batch.ledgerFiles();
    const [file = ''] = files;
    const lines = batch.lines().map((line) => ({
      ...line,
      outcome: 'failed',
      code: 'path_conflict',
      path: null,
      sha256: null,
    }));
    fs.writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await batch.run(AGAIN);
    expect(server.requests).toHaveLength(2);
    expect(batch.lines().at(-1)).toMatchObject({ id: 'd', outcome: 'stored' });
  });
});
