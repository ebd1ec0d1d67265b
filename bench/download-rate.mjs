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
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { median } from './measuring/median.mjs';
import { runOneBatch } from './run-one-batch.mjs';

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

const origin = fork(new URL('./measuring/delayed-origin.mjs', import.meta.url), [String(latency)]);
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
  times.signature.push(
    await inFolder((root) => runOneBatch({ root, urls, connections, verify: 'signature' })),
  );
  times.decode.push(
    await inFolder((root) => runOneBatch({ root, urls, connections, verify: 'decode' })),
  );
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
