/**
 * Measures what is left of a download's rate while a large snapshot is published on the same disk.
 *
 *   node bench/beside-publication.mjs [--gigabytes 10] [--files 10000] [--connections 64]
 *     [--latency 50] [--rounds 3] [--verify signature]
 *
 * Each round downloads the same images three times: alone, while a file of that size is copied and
 * flushed again and again as a publication does it, and alone once more, because the disk may have
 * become slower. The file system must have room for two such files.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './measuring/median.mjs';
import { rateOfBatch } from './measuring/rate-of-batch.mjs';

const require = createRequire(import.meta.url);
const { copyClosedFile } = require('../dist/warehouse/database-file/copy-closed-file.js');

const MEGABYTE = 1024 ** 2;

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '10' },
    files: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '64' },
    latency: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
    verify: { type: 'string', default: 'signature' },
  },
});

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-beside-'));
const origin = fork(new URL('./measuring/delayed-origin.mjs', import.meta.url), [
  values.latency,
  '0',
]);
const [{ port }] = await once(origin, 'message');
const large = makeFile(path.join(folder, 'large'), Number(values.gigabytes) * 1024);
const found = { before: [], beside: [], after: [], pauses: [], publicationSeconds: [] };
for (let round = 0; round < Number(values.rounds); round += 1) {
  found.before.push((await download()).rate);
  const publishing = publishUntilStopped();
  const { rate, longestPause } = await download();
  found.beside.push(rate);
  found.pauses.push(longestPause);
  found.publicationSeconds.push(...(await publishing.stop()));
  found.after.push((await download()).rate);
}
origin.disconnect();
fs.rmSync(folder, { recursive: true });
const shares = found.beside.map((rate, n) => (2 * rate) / (found.before[n] + found.after[n]));
console.log(JSON.stringify({ ...values, ...found, share: median(shares) }));

async function download() {
  const { files, connections, verify } = values;
  const root = fs.mkdtempSync(path.join(folder, 'root-'));
  const batch = { files: Number(files), connections: Number(connections), verify };
  const measured = await rateOfBatch({ root, port, ...batch });
  fs.rmSync(root, { recursive: true });
  return measured;
}

function publishUntilStopped() {
  let isStopped = false;
  const publish = async () => {
    const seconds = [];
    while (!isStopped) {
      const startedAt = performance.now();
      const copy = path.join(folder, 'copy');
      await copyClosedFile(large, copy);
      const open = await fs.promises.open(copy, 'r+');
      await open.sync();
      await open.close();
      await fs.promises.rm(copy);
      seconds.push(Math.round((performance.now() - startedAt) / 100) / 10);
    }
    return seconds;
  };
  const ended = publish();
  return {
    stop: () => {
      isStopped = true;
      return ended;
    },
  };
}

function makeFile(file, megabytes) {
  const open = fs.openSync(file, 'w');
  const bytes = Buffer.alloc(MEGABYTE, 'artemis ');
  for (let n = 0; n < megabytes; n += 1) fs.writeSync(open, bytes);
  fs.fsyncSync(open);
  fs.closeSync(open);
  return file;
}
