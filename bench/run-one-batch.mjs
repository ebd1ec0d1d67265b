/** Downloads URLs by one batch of the built program, into a data root of its own. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const { loadConfig } = require('../dist/config.js');
const { runBatch } = require('../dist/download/run-batch.js');
const { createDownloadNetwork } = require('../dist/download/hosts/download-network.js');
const { createImageChecker } = require('../dist/images/image-checker.js');

/**
 * @param options.root the data root, an empty folder.
 * @param options.urls URLs of one origin on loopback.
 * @param options.rate requests per second.
 * @returns seconds; the parts that load modules and start decoders are left out.
 * @throws an Error when an image was not stored.
 */
export async function runOneBatch({ root, urls, connections, verify, rate = 100_000 }) {
  const lane = path.join(root, 'runs/r/plan/lanes/l000001.ndjson');
  fs.mkdirSync(path.dirname(lane), { recursive: true });
  const entry = (url, n) => ({ url, ids: [{ id: String(n), urlHash: '0', file: null }] });
  fs.writeFileSync(lane, urls.map((url, n) => `${JSON.stringify(entry(url, n))}\n`).join(''));
  const { download } = loadConfig({
    ARTEMIS_ALLOW_PRIVATE_HOSTS: new URL(urls[0]).host,
    ARTEMIS_MAX_REQUESTS_PER_SECOND: '100000',
  });
  const checker = createImageChecker({ processes: 2, timeoutMs: 20_000 });
  const startedAt = performance.now();
  const { stored } = await runBatch({
    dataRoot: root,
    config: download,
    checker,
    network: createDownloadNetwork(),
    watch: { settled: () => undefined, hostWaits: () => undefined, ended: () => undefined },
    fence: { assertOpen: () => undefined, openUntilMs: () => Number.MAX_SAFE_INTEGER },
    attempt: 1,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    input: {
      ...{ warehouseId: 'w', runId: 'r', lane: 'l000001', place: { offset: 0, entry: 0 } },
      ...{ dispatch: 1, previousDispatch: 0, verify, limits: {}, timeBoxSeconds: 600 },
      budgets: { default: { connections, requestsPerSecond: rate } },
    },
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  await checker.close();
  if (stored !== urls.length) throw new Error(`${stored} of ${urls.length} were stored`);
  return seconds;
}
