/**
 * A process with a low limit of open files uses fewer connections. One that can open none reports
 * that, and loses nothing. (F14)
 */
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { picture } from '../helpers/images/images';
import { reply, type LyingServer } from '../helpers/hosts/lying-server';
import { runBatchBehind } from './batch-behind';
import { type BatchFixture, entryOf, forEachTest } from './batch-fixture';

/** Node has half of the lower limit open by itself. */
const FEW = 48;
const SOME = 256;
const IMAGES = 200;

let server: LyingServer;
let batch: BatchFixture;
forEachTest((scene) => ({ server, batch } = scene));

/**
 * Runs the batch in a process with this limit of open files. After `occupyAfter` images, something
 * else uses all files that are left.
 */
function within(files: number, occupyAfter = Infinity) {
  const script = `ulimit -n ${files} && export OCCUPY_AFTER=${occupyAfter} && exec "$@"`;
  return (options: BatchOptions): Promise<DownloadBatchResult> =>
    runBatchBehind(['sh', '-c', script, 'sh'], options);
}

const budgets = { default: { connections: 64, requestsPerSecond: 500 } };
const input = { budgets, verify: 'signature' } as const;

async function plan(): Promise<void> {
  const jpeg = await picture('jpeg');
  const urls = Array.from({ length: IMAGES }, (_none, n) => `http://127.0.0.1:${server.port}/${n}`);
  // The first images arrive while there are few connections. Then all of them wait at once.
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
}

it('a batch uses no more connections at once than files may be open, whatever the budget allows', async () => {
  await plan();
  const { stored, place } = await batch.run({ input, work: within(FEW) });
  expect({ stored, place }).toEqual({ stored: IMAGES, place: null });
});

it('a batch without free files ends with advice, fails no image, and its successor downloads the rest', async () => {
  await plan();
  const failing = batch.run({ input, work: within(SOME, 8) });
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
});
