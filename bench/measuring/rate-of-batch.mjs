/**
 * Runs one batch in a process of its own, whose end closes its folders and gives back its memory.
 *
 *   node bench/measuring/rate-of-batch.mjs JSON
 *
 * prints the images per second, and the longest time in which none was stored, in seconds.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { runOneBatch } from '../run-one-batch.mjs';

const script = fileURLToPath(import.meta.url);

if (process.argv[1] === script) {
  const { port, files, ...batch } = JSON.parse(process.argv[2]);
  const urls = Array.from({ length: files }, (_, n) => `http://127.0.0.1:${port}/${n}.jpg`);
  const seconds = await runOneBatch({ ...batch, urls });
  const found = { rate: Math.round(files / seconds), longestPause: longestPauseOf(batch.root) };
  console.log(JSON.stringify(found));
  process.exit();
}

/**
 * @param batch.root the data root, an empty folder.
 * @param batch.port the port of the origin.
 * @param batch.files the number of images; `connections` and `verify` as for `runOneBatch`.
 * @returns `rate` in images per second, and `longestPause` in seconds.
 */
export async function rateOfBatch(batch) {
  // The number of threads that the workers of the program have.
  const env = { UV_THREADPOOL_SIZE: '128', ...process.env };
  const words = [script, JSON.stringify(batch)];
  const { stdout } = await promisify(execFile)(process.execPath, words, { env });
  return JSON.parse(stdout);
}

function longestPauseOf(root) {
  const folder = path.join(root, 'runs/r/ledger/l000001');
  const lines = fs
    .readdirSync(folder)
    .flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').trim().split('\n'));
  const times = lines.map((line) => Date.parse(JSON.parse(line).at)).sort((a, b) => a - b);
  return Math.max(...times.map((time, n) => time - (times[n - 1] ?? time))) / 1_000;
}
