/**
 * A real download process makes its images durable in groups, in an order that survives a power
 * cut.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { canTrace, traced } from '../files/traced-batch';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { imagePath, olderImagePath } from '../../src/files/image-store/image-name';
import { runBatch } from '../../src/download/run-batch';
import { BatchFixture, entryOf } from './batch-fixture';

const COUNT = 12;
const budgets = { default: { connections: 4, requestsPerSecond: 500 } };
const input = { budgets, verify: 'signature' as const };

let server: LyingServer;
let batch: BatchFixture;
beforeEach(async () => {
  server = await startLyingServer();
  batch = new BatchFixture(server.port);
  const names = Array.from({ length: COUNT }, (_, n) => `/${n}`);
  for (const [seed, name] of names.entries())
    server.answer(name, reply('200 OK', {}, await picture('jpeg', { seed })));
  batch.plan(names.map((name) => entryOf(`http://127.0.0.1:${server.port}${name}`)));
  for (const folder of ['tmp', 'raw/images/thumbs', 'runs'])
    fs.mkdirSync(path.join(batch.root, folder), { recursive: true });
});
afterEach(async () => {
  await batch.dispose();
  await server.close();
});

describe('a batch', () => {
  it('flushes its gathering group when it ends, without waiting for others', async () => {
    const { stored, place } = await batch.run({ input });
    expect({ stored, place }).toEqual({ stored: COUNT, place: null });
    expect(batch.lines()).toHaveLength(COUNT);
    expect(batch.temps().filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('that is cancelled records the images that have arrived', async () => {
    const cancel = new AbortController();
    const seen: string[] = [];
    const work = (options: BatchOptions): Promise<DownloadBatchResult> =>
      runBatch({
        ...options,
        watch: { ...options.watch, settled: ({ id }) => seen.push(id) },
        onProgress: () => {
          // The first images have arrived, and their group is gathering or being flushed.
          cancel.abort(new Error('cancelled'));
        },
      });
    await expect(batch.run({ input, signal: cancel.signal, work })).rejects.toThrow('cancelled');
    expect(batch.lines().map(({ id }) => id)).toEqual(seen);
    expect(seen.length).toBeGreaterThan(0);
    expect(batch.files()).toHaveLength(seen.length);
    expect(batch.temps().filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe('an image that an older program stored', () => {
  it('stays at its recorded path when the same bytes are fetched again', async () => {
    const bytes = await picture('jpeg', { seed: 0 });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const older = olderImagePath({ id: '/0', sha256, extension: 'jpg' });
    fs.mkdirSync(path.dirname(path.join(batch.root, older)), { recursive: true });
    fs.writeFileSync(path.join(batch.root, older), bytes);
    const file = { path: older, sha256, etag: '"e"', lastModified: null };
    const ids = [{ id: '/0', urlHash: '0'.repeat(32), file }];
    batch.plan([{ url: `http://127.0.0.1:${server.port}/0`, ids }]);
    await batch.run({ input });
    expect(batch.lines()).toMatchObject([{ id: '/0', outcome: 'stored', path: older }]);
    expect(batch.files()).toEqual([older]);
  });
});

/** System calls of a batch in a process of its own, in the order in which they ended. */
async function callsOf(calls: string): Promise<readonly string[]> {
  const log = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-trace-')), 'log');
  await batch.run({ input, work: traced({ calls, nth: 0, what: '', log }, () => undefined) });
  const lines = fs.readFileSync(log, 'utf8').split('\n');
  fs.rmSync(path.dirname(log), { recursive: true });
  return lines;
}

/** The ids whose ledger line was written before the sync of their folder had ended. */
function recordedTooEarly(lines: readonly string[]): readonly string[] {
  const synced = new Set<string>();
  const beingSynced = new Map<string, string>();
  const tooEarly: string[] = [];
  for (const line of lines) {
    const [thread = ''] = line.split(' ');
    const [, folder] = / fsync\(\d+<.*\/(thumbs\/[0-9a-f]{3})>/.exec(line) ?? [];
    if (folder !== undefined) beingSynced.set(thread, folder);
    // Another thread's call may be in the log between the beginning of a call and its end.
    if (/\bfsync\b.* = 0$/.test(line)) synced.add(beingSynced.get(thread) ?? '');
    if (!/ write\(\d+<.*\/ledger\/.*\.ndjson>/.test(line)) continue;
    for (const [, id = ''] of line.matchAll(/\\"id\\":\\"([^\\]+)\\"/g)) {
      const file = imagePath({ id, sha256: '', extension: 'jpg' });
      if (!synced.has(path.dirname(file).replace(/^raw.images./, ''))) tooEarly.push(id);
    }
  }
  return tooEarly;
}

(canTrace ? describe : describe.skip)('the flush of a group', () => {
  it('syncs bytes, then creates names, then syncs folders, and only then writes ledger lines', async () => {
    const lines = await callsOf('fsync,link,linkat,write');
    const order = lines.flatMap((line) => {
      if (/ fsync\(\d+<.*\/tmp\/[^>]*\.part>/.test(line)) return ['bytes'];
      if (/ link(at)?\(.*\.part", .*"\/proc\/self\/fd\//.test(line)) return ['name'];
      if (/ fsync\(\d+<.*\/thumbs\/[0-9a-f]{3}>/.test(line)) return ['folder'];
      if (/ write\(\d+<.*\.ndjson>/.test(line) && line.includes('/ledger/')) return ['lines'];
      return [];
    });
    expect(new Set(order)).toEqual(new Set(['bytes', 'name', 'folder', 'lines']));
    expect(order.filter((what) => what === 'name')).toHaveLength(COUNT);
    // Groups follow one another. Within a group, no call precedes those that are earlier in this
    // list.
    const steps = ['bytes', 'name', 'folder'];
    let reached = 0;
    for (const what of order.filter((one) => one !== 'lines')) {
      const step = steps.indexOf(what);
      const isNextGroup = what === 'bytes' && reached === steps.indexOf('folder');
      expect(isNextGroup || step === reached || step === reached + 1).toBe(true);
      reached = step;
    }
    // The folders of a group are synced after the last of its names, so any later line belongs to
    // durable names.
    expect(order.slice(0, order.indexOf('lines'))).toContain('folder');
    expect(order.lastIndexOf('lines')).toBeGreaterThan(order.lastIndexOf('folder'));
    expect(recordedTooEarly(lines)).toEqual([]);
  });

  it('never blocks the event loop: no sync, link or removal of an image is a call of the main thread', async () => {
    const lines = await callsOf('fsync,fdatasync,link,linkat,rename,unlink,unlinkat,mkdir');
    const ofImages = lines.filter((line) =>
      /\/tmp\/[^>"]*\.part|\/thumbs\/|\/proc\/self\/fd\/|fdatasync/.test(line),
    );
    const [first = ''] = lines[0]?.split(' ') ?? [];
    expect(ofImages.length).toBeGreaterThan(3 * COUNT);
    expect(ofImages.filter((line) => line.startsWith(`${first} `))).toEqual([]);
  });

  it('that fails at one file discards the whole group: no name is created, and every member gets the error', () => {
    const { errors, files } = storeTen('fsync:error=EIO:when=5');
    expect(errors).toEqual(Array.from({ length: 10 }, () => 'disk_io'));
    expect(files).toEqual([]);
  });

  it('that fails at one folder discards the whole group, also those whose folders were synced', () => {
    const { errors } = storeTen('fsync:error=EIO:when=15');
    expect(errors).toEqual(Array.from({ length: 10 }, () => 'disk_io'));
  });
});

/**
 * Ten images that join one group of a store in a process of its own, in which one system call
 * fails.
 */
function storeTen(inject: string): {
  readonly errors: readonly (string | null)[];
  readonly files: readonly string[];
} {
  const script = `
    const { holdImageStore } = require(${JSON.stringify(path.resolve('dist/files/image-store/image-store.js'))});
    const store = holdImageStore(${JSON.stringify(batch.root)}, 20000);
    const one = async (n) => {
      const source = store.createTemp('ab');
      source.write(Buffer.from('bytes'));
      source.close();
      const relative = 'raw/images/thumbs/00' + n + '/a.0123456789ab.jpg';
      const names = [{ relative, sha256: '' }];
      const { durable } = await store.groups.join({ source, names, bytes: 5 }, { isUrgent: false });
      return durable.then(() => null, (error) => error.code);
    };
    Promise.all([...Array(10).keys()].map(one)).then((errors) => console.log(JSON.stringify(errors)));`;
  const words = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync', '-e', `inject=${inject}`];
  const { stdout } = spawnSync('strace', [...words, process.execPath, '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
  });
  return { errors: JSON.parse(stdout) as (string | null)[], files: batch.files() };
}
