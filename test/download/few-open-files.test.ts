/** A process that may not open as many files as its connections need: it says so, and nothing is lost. (F14) */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { picture } from '../helpers/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/lying-server';
import { BatchFixture, entryOf } from './batch-fixture';

/** What Node has open by itself is half of it. */
const OPEN_FILES = 48;
const IMAGES = 200;

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

/** In a process of its own. **Errors** what it said of the batch's failure. */
async function withFewFiles(options: BatchOptions): Promise<DownloadBatchResult> {
  const { dataRoot, input, attempt, config } = options;
  const script = `ulimit -n ${OPEN_FILES} && exec "$@"`;
  const words = ['-c', script, 'sh', process.execPath, path.join(__dirname, 'batch-once.cjs')];
  const child = spawn('sh', words, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.send({ dataRoot, input, attempt, config, isApart: false });
  const [answer] = (await once(child, 'message')) as [DownloadBatchResult | { code: string }];
  if (child.exitCode === null) await once(child, 'exit');
  if ('code' in answer) throw Object.assign(new Error('the batch failed'), answer);
  return answer;
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
