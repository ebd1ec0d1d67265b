/** A process that may not open as many files as its connections need: it says so, and nothing is lost. (F14) */
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { picture } from '../helpers/images';
import { reply, type LyingServer } from '../helpers/lying-server';
import { runBatchBehind } from './batch-behind';
import { type BatchFixture, entryOf, forEachTest } from './batch-fixture';

/** What Node has open by itself is half of it. */
const OPEN_FILES = 48;
const IMAGES = 200;

let server: LyingServer;
let batch: BatchFixture;
forEachTest((scene) => ({ server, batch } = scene));

/** In a process that may have few open. */
function withFewFiles(options: BatchOptions): Promise<DownloadBatchResult> {
  const script = `ulimit -n ${OPEN_FILES} && exec "$@"`;
  return runBatchBehind(['sh', '-c', script, 'sh'], options);
}

it('ends the batch with what to do, blames no image, and the rest comes when there is room', async () => {
  const jpeg = await picture('jpeg');
  const urls = Array.from({ length: IMAGES }, (_none, n) => `http://127.0.0.1:${server.port}/${n}`);
  // The first ones come while there are few connections; then all wait at once.
  for (const [n, url] of urls.entries())
    server.answer(new URL(url).pathname, (socket, request) => {
      setTimeout(
        () => {
          reply('200 OK', {}, jpeg)(socket, request);
        },
        n < 8 ? 0 : 300,
      );
    });
  batch.plan(urls.map((url) => entryOf(url)));
  const budgets = { default: { connections: 64, requestsPerSecond: 500 } };
  const input = { budgets, verify: 'signature' } as const;
  const failing = batch.run({ input, work: withFewFiles });
  await expect(failing).rejects.toMatchObject({
    code: 'disk_io',
    message: expect.stringMatching(/EMFILE.*ulimit -n/) as string,
  });
  expect(batch.lines().filter(({ outcome }) => outcome !== 'stored')).toEqual([]);
  const before = batch.lines().length;
  expect(before).toBeLessThan(IMAGES);
  await batch.run({ input });
  const ids = batch.lines().map(({ id }) => id);
  expect(new Set(ids).size).toBe(IMAGES);
  expect(ids).toHaveLength(IMAGES);
  expect(batch.lines().every(({ outcome }) => outcome === 'stored')).toBe(true);
  expect(batch.files()).toHaveLength(IMAGES);
}, 30_000);
