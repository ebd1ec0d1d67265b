/**
 * Measures how a slow disk delays the event loop of a download process, and what rate is left.
 *
 *   node bench/slow-disk.mjs [--files 1500] [--connections 64] [--latency 50] [--rounds 3]
 *     [--verify signature] [--bytes 0]
 *
 * Each round runs the same batch twice under strace, without and with a delay: 20 ms in each fsync,
 * fdatasync and syncfs, and 5 ms in each link, rename and unlink, of all threads. `bytes` makes each
 * body that much longer, to measure large images. Needs strace.
 */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs, promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { median } from './measuring/median.mjs';

const SYNCS = 'fsync,fdatasync,syncfs';
const NAMES = 'link,linkat,rename,renameat,renameat2,unlink,unlinkat';
const SYNC_DELAY_MS = 20;
const NAME_DELAY_MS = 5;

/** The delays of the event loop that are wanted at most, in ms, and the least share of the rate. */
const WANTED = { p99: 50, max: 250, rate: 0.8 };

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '1500' },
    connections: { type: 'string', default: '64' },
    latency: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
    verify: { type: 'string', default: 'signature' },
    bytes: { type: 'string', default: '0' },
    port: { type: 'string' },
  },
});

if (values.port === undefined) await compareDisks();
else await measureBatch();

/** Runs in the traced process: prints the rate of one batch and the delays of its event loop. */
async function measureBatch() {
  const { runOneBatch } = await import('./run-one-batch.mjs');
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-bench-'));
  const files = Number(values.files);
  const urls = Array.from({ length: files }, (_, n) => `http://127.0.0.1:${values.port}/${n}.jpg`);
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const connections = Number(values.connections);
  const seconds = await runOneBatch({ root, urls, connections, verify: values.verify });
  delays.disable();
  const inMs = (nanoseconds) => Math.round(nanoseconds / 1e5) / 10;
  const [p99, max] = [inMs(delays.percentile(99)), inMs(delays.max)];
  console.log(JSON.stringify({ rate: Math.round(files / seconds), p99, max }));
  fs.rmSync(root, { recursive: true });
  process.exit();
}

async function compareDisks() {
  const origin = fork(new URL('./measuring/delayed-origin.mjs', import.meta.url), [
    values.latency,
    values.bytes,
  ]);
  const [{ port }] = await once(origin, 'message');
  const inject = [
    ...['-e', `inject=${SYNCS}:delay_enter=${SYNC_DELAY_MS * 1_000}`],
    ...['-e', `inject=${NAMES}:delay_enter=${NAME_DELAY_MS * 1_000}`],
  ];
  const found = { plain: [], slow: [] };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    found.plain.push(await traced([], port));
    found.slow.push(await traced(inject, port));
  }
  origin.disconnect();
  const medians = (all) =>
    Object.fromEntries(
      Object.keys(all[0]).map((name) => [name, median(all.map((one) => one[name]))]),
    );
  const [plain, slow] = [medians(found.plain), medians(found.slow)];
  const rate = slow.rate / plain.rate;
  console.log(JSON.stringify({ ...values, plain, slow, rate, wanted: WANTED }));
}

async function traced(inject, port) {
  const words = ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', `trace=${SYNCS},${NAMES}`];
  const script = fileURLToPath(import.meta.url);
  const options = Object.entries({ ...values, port }).map(([name, value]) => `--${name}=${value}`);
  const command = [...words, ...inject, process.execPath, script, ...options];
  // The number of threads that the workers of the program have.
  const env = { UV_THREADPOOL_SIZE: '128', ...process.env };
  const { stdout } = await promisify(execFile)('strace', command, { env });
  return JSON.parse(stdout);
}
