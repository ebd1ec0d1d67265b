/**
 * Compares the rate of a download batch with that of a bare undici loop that saves the same files
 * without checking them.
 *
 *   node bench/download-rate.mjs [--files 10000] [--connections 64] [--latency 50] [--rounds 3]
 *
 * An origin on loopback, in a process of its own, answers each request after `latency` ms. The loop
 * and the batch take turns in the same run, and the medians and their ratios are printed. Set
 * TMPDIR to a RAM disk to exclude the disk.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { median } from './median.mjs';

const require = createRequire(import.meta.url);
const { loadConfig } = require('../dist/config.js');
const { runBatch } = require('../dist/download/run-batch.js');
const { createDownloadNetwork } = require('../dist/download/hosts/download-network.js');
const { createImageChecker } = require('../dist/images/image-checker.js');

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '64' },
    latency: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
  },
});
const [files, connections, latency, rounds] = ['files', 'connections', 'latency', 'rounds'].map(
  (name) => Number(values[name]),
);

const origin = fork(new URL('./delayed-origin.mjs', import.meta.url), [String(latency)]);
const [{ port }] = await once(origin, 'message');
const urls = Array.from({ length: files }, (_, n) => `http://127.0.0.1:${port}/${n}.jpg`);

/** Saves every body under its number, and returns the seconds. */
async function bareLoop(folder) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
  const queue = urls.entries();
  const work = async () => {
    for (const [n, url] of queue) {
      const { body } = await pool.request({ path: new URL(url).pathname, method: 'GET' });
      fs.writeFileSync(path.join(folder, `${n}.jpg`), Buffer.from(await body.arrayBuffer()));
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: connections }, work));
  const seconds = (performance.now() - startedAt) / 1_000;
  await pool.close();
  return seconds;
}

/** Runs one batch over the same URLs, and returns the seconds. */
async function batch(folder, verify) {
  const lane = path.join(folder, 'runs/r/plan/lanes/l000001.ndjson');
  fs.mkdirSync(path.dirname(lane), { recursive: true });
  const entry = (url, n) => ({ url, ids: [{ id: String(n), urlHash: '0', file: null }] });
  fs.writeFileSync(lane, urls.map((url, n) => `${JSON.stringify(entry(url, n))}\n`).join(''));
  const { download } = loadConfig({
    ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${port}`,
    ARTEMIS_MAX_REQUESTS_PER_SECOND: '100000',
  });
  const checker = createImageChecker({ processes: 2, timeoutMs: 20_000 });
  const startedAt = performance.now();
  const { stored } = await runBatch({
    dataRoot: folder,
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
      budgets: { default: { connections, requestsPerSecond: 100_000 } },
    },
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  await checker.close();
  if (stored !== files) throw new Error(`${stored} of ${files} were stored`);
  return seconds;
}

async function inFolder(work) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-bench-'));
  try {
    return await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const times = { bare: [], signature: [], decode: [] };
for (let round = 0; round < rounds; round += 1) {
  times.bare.push(await inFolder(bareLoop));
  times.signature.push(await inFolder((folder) => batch(folder, 'signature')));
  times.decode.push(await inFolder((folder) => batch(folder, 'decode')));
}
origin.disconnect();
const seconds = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
console.log(
  JSON.stringify({
    files,
    connections,
    latency,
    rounds,
    seconds,
    signatureRate: seconds.bare / seconds.signature,
    decodeTime: seconds.decode / seconds.bare,
  }),
);
