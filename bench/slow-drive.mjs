/**
 * Measures what a drive whose flushes take long, such as a USB disk, leaves of the rate.
 *
 *   node bench/slow-drive.mjs [--files 1000] [--connections 64] [--latency 50] [--flushes 0,10,20,30]
 *     [--rounds 3] [--verify signature] [--file-system ext4]
 *
 * The drive is a file of a FUSE file system (`slow-drive/slow-drive.c`) whose flushes take that many
 * milliseconds, one at a time. A file system is made on it and mounted by a loop device, so the
 * kernel joins and orders the flushes as it does for a drive. Each rate is printed beside that of
 * files that are written and flushed one after another. Needs root on Linux, cc and libfuse3.
 */
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { median } from './measuring/median.mjs';
import { rateOfBatch } from './measuring/rate-of-batch.mjs';

const DRIVE_BYTES = 4 * 1024 ** 3;
/** Files that are flushed one after another, and bytes of each, as the origin's. */
const SINGLE_FILES = 50;
const SINGLE_BYTES = 14_000;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '1000' },
    connections: { type: 'string', default: '64' },
    latency: { type: 'string', default: '50' },
    flushes: { type: 'string', default: '0,10,20,30' },
    rounds: { type: 'string', default: '3' },
    verify: { type: 'string', default: 'signature' },
    'file-system': { type: 'string', default: 'ext4' },
  },
});

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-slow-drive-'));
const program = compileDrive();
const origin = fork(new URL('./measuring/delayed-origin.mjs', import.meta.url), [
  values.latency,
  '0',
]);
const [{ port }] = await once(origin, 'message');
const { verify } = values;
const [files, connections] = [Number(values.files), Number(values.connections)];
const flushes = values.flushes.split(',').map(Number);
const found = flushes.map((flushMs) => ({ flushMs, batch: [], oneByOne: [] }));
for (let round = 0; round < Number(values.rounds); round += 1)
  for (const { flushMs, batch, oneByOne } of found)
    await withDrive(flushMs, async (root) => {
      const { rate } = await rateOfBatch({ root, port, files, connections, verify });
      batch.push(rate);
      oneByOne.push(rateOneByOne(root));
    });
origin.disconnect();
fs.rmSync(folder, { recursive: true });
const rates = found.map(({ flushMs, batch, oneByOne }) => ({
  flushMs,
  imagesPerSecond: median(batch),
  rounds: batch,
  oneByOne: median(oneByOne),
}));
console.log(JSON.stringify({ ...values, rates }));

function compileDrive() {
  const compiled = path.join(folder, 'slow-drive');
  const flags = execFileSync('pkg-config', ['fuse3', '--cflags', '--libs'], { encoding: 'utf8' });
  const source = fileURLToPath(new URL('slow-drive/slow-drive.c', import.meta.url));
  execFileSync('cc', ['-O2', '-o', compiled, source, ...flags.trim().split(/\s+/)]);
  return compiled;
}

async function withDrive(flushMs, use) {
  const backing = path.join(folder, 'backing.img');
  const [fuse, mounted] = [path.join(folder, 'fuse'), path.join(folder, 'mounted')];
  for (const made of [fuse, mounted]) fs.mkdirSync(made, { recursive: true });
  fs.closeSync(fs.openSync(backing, 'w'));
  fs.truncateSync(backing, DRIVE_BYTES);
  execFileSync(`mkfs.${values['file-system']}`, ['-q', backing]);
  const options = ['-f', '-o', `backing=${backing}`, '-o', `flush_ms=${flushMs}`];
  const drive = spawn(program, [fuse, ...options], { stdio: 'ignore' });
  const image = path.join(fuse, 'drive.img');
  while (!fs.existsSync(image)) {
    if (drive.exitCode !== null) throw new Error(`slow-drive ended with ${drive.exitCode}`);
    await delay(20);
  }
  execFileSync('mount', ['-o', 'loop', image, mounted]);
  try {
    await use(mounted);
  } finally {
    execFileSync('umount', [mounted]);
    execFileSync('umount', [fuse]);
    if (drive.exitCode === null) await once(drive, 'exit');
    fs.rmSync(backing);
  }
}

/** @returns files per second that are created and flushed one after another, each in the folder. */
function rateOneByOne(root) {
  const bytes = Buffer.alloc(SINGLE_BYTES, 1);
  const place = path.join(root, 'one-by-one');
  fs.mkdirSync(place);
  const names = fs.openSync(place, 'r');
  const startedAt = performance.now();
  for (let n = 0; n < SINGLE_FILES; n += 1) {
    const file = fs.openSync(path.join(place, String(n)), 'w');
    fs.writeSync(file, bytes);
    fs.fsyncSync(file);
    fs.closeSync(file);
    fs.fsyncSync(names);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  fs.closeSync(names);
  return Math.round(SINGLE_FILES / seconds);
}
