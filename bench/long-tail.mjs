/**
 * Whole runs over many hosts of which some are in trouble, beside a peer over the same world. Only
 * root on Linux can make one.
 *
 *   node bench/long-tail.mjs [--hosts 500] [--images 4] [--kinds '{"ok":70,"nx":8,…}'] [--opaque]
 *     [--address-per-host] [--gap 0,12] [--portal page:5-20] [--threads 4] [--ulimit 1024]
 *     [--input '{…}'] [--peer 'COMMAND {urls} {out}'] [--healthy] [--rounds 1] [--seconds 600]
 *     [--up] [--serve]
 *
 * Every run gets a new world. Prints one JSON line a run and one summary (medians over the rounds).
 * `--healthy` adds a run of ours over the same world without its bad hosts, and the summary then
 * says whether the criterion of bench/README.md is met. With `--up` the server and the workers of
 * the data root are up before the command starts, as where `up` or containers run. `--serve` runs nothing: it starts the world
 * and prints how to enter it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './measuring/median.mjs';

const require = createRequire(import.meta.url);
const { DEFAULT_MIX, LOST_NETWORK, hostsOf, imagesOf } = require('./long-tail/hosts.cjs');
const { canMakeWorld, startWorld } = require('./long-tail/namespace.cjs');
const BIN = fileURLToPath(new URL('../bin/artemis-pipeline.js', import.meta.url));

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '500' },
    images: { type: 'string', default: '4' },
    kinds: { type: 'string' },
    opaque: { type: 'boolean', default: false },
    'address-per-host': { type: 'boolean', default: false },
    gap: { type: 'string', default: '0,12' },
    portal: { type: 'string' },
    threads: { type: 'string' },
    ulimit: { type: 'string' },
    input: { type: 'string' },
    peer: { type: 'string' },
    healthy: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '600' },
    up: { type: 'boolean', default: false },
    serve: { type: 'boolean', default: false },
  },
});

/** The time in ms that a command which runs for too long gets to end by itself after a signal. */
const PATIENCE_MS = 30_000;

/** The limit of the criterion (bench/README.md). */
const MOST_TIMES_HEALTHY = 1.5;
const MOST_SECONDS_ABOVE = 5;
const LEAST_RATE_OF_PEER = 1.3;
const MOST_SECONDS = 180;

/**
 * Runs `work` in a new world and returns what it returned, with the world's statistics and the
 * seconds that it took.
 */
async function inWorld({ isHealthy, work }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-long-tail-'));
  const hosts = hostsOf({
    count: Number(values.hosts),
    mix: values.kinds === undefined ? DEFAULT_MIX : JSON.parse(values.kinds),
    isOpaque: values.opaque,
    hasOwnAddresses: values['address-per-host'],
    isHealthy,
  });
  const images = imagesOf(hosts, Number(values.images));
  const world = await startWorld({ folder, hosts, gapSeconds: values.gap.split(',').map(Number) });
  try {
    const scene = { folder, images, world };
    fs.writeFileSync(path.join(folder, 'urls.txt'), images.map(({ url }) => `${url}\n`).join(''));
    const rows = images.map(({ id, url }) => `${id},${url}\n`);
    fs.writeFileSync(path.join(folder, 'urls.csv'), `id,url\n${rows.join('')}`);
    return await work(scene);
  } finally {
    await world.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command inside of the world until it ends, or for `--seconds`. */
async function runCommand({ folder, world }, words, { env = {}, onTick = () => undefined } = {}) {
  const limited =
    values.ulimit === undefined ? words : ['sh', '-c', LIMIT, values.ulimit, ...words];
  const [program, ...rest] = [...world.within(folder), ...limited];
  const startedAt = Date.now();
  const child = spawn(program, rest, {
    env: {
      ...process.env,
      ...(values.threads === undefined ? {} : { UV_THREADPOOL_SIZE: values.threads }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part) => (text += part));
  const timer = setTimeout(() => child.kill('SIGINT'), Number(values.seconds) * 1_000);
  const killer = setTimeout(
    () => child.kill('SIGKILL'),
    Number(values.seconds) * 1_000 + PATIENCE_MS,
  );
  const tick = setInterval(onTick, 250);
  const commandEnd = new AbortController();
  const portal = switchPortal(world, commandEnd.signal);
  await once(child, 'close');
  const endedAt = Date.now();
  for (const one of [timer, killer]) clearTimeout(one);
  clearInterval(tick);
  commandEnd.abort();
  await portal;
  const isCutShort = endedAt - startedAt >= Number(values.seconds) * 1_000;
  return {
    exitCode: child.exitCode,
    isCutShort,
    text,
    startedAt,
    seconds: (endedAt - startedAt) / 1_000,
  };
}

const LIMIT = 'ulimit -n "$0" && exec "$@"';

/**
 * With `--portal page:5-20`, the captive portal is on from second 5 to second 20 of the command, or
 * until `signal` reports that the command has ended.
 */
async function switchPortal(world, signal) {
  if (values.portal === undefined) return;
  const [mode, span] = values.portal.split(':');
  const [from, to] = span.split('-').map(Number);
  try {
    await delay(from * 1_000, undefined, { signal });
    await world.setPortal(mode);
    await delay((to - from) * 1_000, undefined, { signal });
    await world.setPortal(null);
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

async function runOurs(scene) {
  const { folder, images, world } = scene;
  const root = path.join(folder, 'data');
  const env = {
    ARTEMIS_DATA: root,
    ARTEMIS_ALLOW_PRIVATE_HOSTS: '127.0.0.0/8',
    ARTEMIS_QUEUE_PREFIX: 'long-tail',
  };
  let isNetworkGone = false;
  const look = () =>
    (isNetworkGone ||= progressTexts(root).some((text) => LOST_NETWORK.test(text)));
  const input = values.input === undefined ? [] : ['--input', values.input];
  const words = [process.execPath, BIN, 'run', path.join(folder, 'urls.csv'), ...input];
  const workers = values.up ? await startUp(scene, env) : null;
  const run = await runCommand(scene, words, { env, onTick: look });
  workers?.kill('SIGTERM');
  const stats = await world.stats();
  const [program, ...rest] = [...world.within(folder), process.execPath, BIN, 'down'];
  spawnSync(program, rest, { env: { ...process.env, ...env } });
  const lines = ledgerLines(root);
  const stored = images.filter(({ id }) => lines.get(id)?.outcome === 'stored');
  const wrong = images.filter(({ id, host }) => !isRight(lines.get(id), host));
  return {
    ...numbersOf(run, stats, images, {
      stored: stored.filter(({ host }) => host.code === null).length,
      lastAt: Math.max(...stored.map(({ id }) => Date.parse(lines.get(id).at))),
    }),
    codes: codesByKind(images, lines),
    wrong: wrong.length,
    isNetworkGone: isNetworkGone || LOST_NETWORK.test(run.text),
    ...(run.exitCode === 0 || run.exitCode === 3 ? {} : { said: run.text.slice(-400) }),
  };
}

/** Runs `up` inside of the world, and returns its process when its workers are ready. */
async function startUp({ folder, world }, env) {
  const [program, ...rest] = [...world.within(folder), process.execPath, BIN, 'up'];
  const child = spawn(program, rest, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part) => {
        text += part;
        if (text.includes('workers are ready')) resolve();
      });
    child.once('close', () => reject(new Error(`up has ended: ${text.slice(-400)}`)));
  });
  return child;
}

/**
 * All files that begin like a JPEG count as images of a peer, because no bad host of the world
 * sends one.
 */
async function runPeer(scene) {
  const { folder, images, world } = scene;
  const out = path.join(folder, 'peer');
  fs.mkdirSync(out);
  const command = values.peer
    .replaceAll('{urls}', path.join(folder, 'urls.txt'))
    .replaceAll('{out}', out);
  const run = await runCommand(scene, ['sh', '-c', `exec ${command}`]);
  const times = fs
    .readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter(isJpeg)
    .map((file) => fs.statSync(file).mtimeMs);
  const stats = await world.stats();
  const numbers = numbersOf(run, stats, images, {
    stored: times.length,
    lastAt: Math.max(...times),
  });
  return { ...numbers, ...(run.exitCode === 0 ? {} : { said: run.text.slice(-400) }) };
}

function numbersOf(run, stats, images, { stored, lastAt }) {
  const seconds = (from) =>
    stored === 0 || from === null ? null : Math.round((lastAt - from) / 10) / 100;
  const { firstRequestAt, firstAt, lastObtainableAt, hosts, ...rest } = stats;
  return {
    exitCode: run.exitCode,
    isCutShort: run.isCutShort,
    wallSeconds: Math.round(run.seconds * 100) / 100,
    lastStoredSeconds: seconds(run.startedAt),
    firstToLastSeconds: seconds(firstRequestAt),
    obtainable: images.filter(({ host }) => host.code === null).length,
    stored,
    world: rest,
  };
}

/** The texts that `status` would show, read from these files. */
function progressTexts(root) {
  const runs = path.join(root, 'runs');
  if (!fs.existsSync(runs)) return [];
  const files = fs.readdirSync(runs).map((run) => path.join(runs, run, 'progress.json'));
  return files.filter((file) => fs.existsSync(file)).map((file) => fs.readFileSync(file, 'utf8'));
}

/** The last line of each image, by id. */
function ledgerLines(root) {
  const runs = path.join(root, 'runs');
  const lines = new Map();
  if (!fs.existsSync(runs)) return lines;
  for (const name of fs.readdirSync(runs, { recursive: true })) {
    if (!/\/ledger\/.*\.ndjson$/.test(name)) continue;
    for (const text of fs.readFileSync(path.join(runs, name), 'utf8').split('\n')) {
      // A run that was cut short may leave an unfinished line.
      if (!text.endsWith('}')) continue;
      const line = JSON.parse(text);
      if (!((lines.get(line.id)?.at ?? '') > line.at)) lines.set(line.id, line);
    }
  }
  return lines;
}

function isRight(line, { code, isRetryable }) {
  if (line === undefined) return false;
  if (code === null) return line.outcome === 'stored';
  return line.outcome === 'failed' && line.code === code && line.retryable === isRetryable;
}

/** Images by kind and outcome; `none` has no outcome yet. */
function codesByKind(images, lines) {
  const counts = {};
  for (const { id, host } of images) {
    const line = lines.get(id);
    const outcome = line === undefined ? 'none' : (line.code ?? line.outcome);
    counts[host.kind] ??= {};
    counts[host.kind][outcome] = (counts[host.kind][outcome] ?? 0) + 1;
  }
  return counts;
}

function isJpeg(file) {
  const start = Buffer.alloc(2);
  const descriptor = fs.openSync(file);
  fs.readSync(descriptor, start);
  fs.closeSync(descriptor);
  return start[0] === 0xff && start[1] === 0xd8;
}

/**
 * Medians of the numbers of several runs; a run that stored nothing has no time of its last image.
 */
function summaryOf(runs) {
  const middle = (field) => median(runs.map((run) => run[field] ?? Infinity));
  return {
    runs: runs.length,
    wallSeconds: middle('wallSeconds'),
    lastStoredSeconds: middle('lastStoredSeconds'),
    firstToLastSeconds: middle('firstToLastSeconds'),
    obtainable: runs[0].obtainable,
    leastStored: Math.min(...runs.map(({ stored }) => stored)),
  };
}

/** Obtainable images a second, ours divided by the peer's, over three spans. */
function ratiosOf(ours, peer) {
  const rate = ({ leastStored }, seconds) => leastStored / seconds;
  const ratio = (field) =>
    Math.round((100 * rate(ours, ours[field])) / rate(peer, peer[field])) / 100;
  return {
    untilLastStored: ratio('lastStoredSeconds'),
    fromFirstRequest: ratio('firstToLastSeconds'),
    ofWholeCommand: ratio('wallSeconds'),
  };
}

function criterionOf(runs, { ours, healthy, peer }) {
  const most = MOST_TIMES_HEALTHY * healthy.lastStoredSeconds + MOST_SECONDS_ABOVE;
  const parts = {
    [`the last obtainable image is stored within ${most.toFixed(1)} s`]:
      ours.lastStoredSeconds <= most,
    [`the run ends within ${MOST_SECONDS} s`]: ours.wallSeconds <= MOST_SECONDS,
    'every obtainable image is stored': ours.leastStored === ours.obtainable,
    'every image has the right outcome': runs.every(({ wrong }) => wrong === 0),
    'no run reports a lost network': runs.every(({ isNetworkGone }) => !isNetworkGone),
    ...(peer === undefined
      ? {}
      : {
          [`the rate is at least ${LEAST_RATE_OF_PEER} times the peer's`]:
            ratiosOf(ours, peer).untilLastStored >= LEAST_RATE_OF_PEER,
        }),
  };
  return { isMet: Object.values(parts).every(Boolean), parts };
}

async function serve({ folder, world }) {
  console.log(
    `The world is there until this process ends. Its URLs are in ${folder}. Enter it with:`,
  );
  console.log(`  nsenter -t ${world.pid} -n -m`);
  await once(process, 'SIGINT');
}

async function compare() {
  const plan = [
    { name: 'ours', isHealthy: false, work: runOurs },
    ...(values.peer === undefined ? [] : [{ name: 'peer', isHealthy: false, work: runPeer }]),
    ...(values.healthy ? [{ name: 'healthy', isHealthy: true, work: runOurs }] : []),
  ];
  const runs = Object.fromEntries(plan.map(({ name }) => [name, []]));
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const { name, ...how } of plan) {
      const row = await inWorld(how);
      runs[name].push(row);
      console.log(JSON.stringify({ run: name, round, ...row }));
    }
  }
  const summary = Object.fromEntries(
    Object.entries(runs).map(([name, rows]) => [name, summaryOf(rows)]),
  );
  const { ours, peer, healthy } = summary;
  console.log(
    JSON.stringify({
      ...summary,
      ...(peer === undefined ? {} : { rateOfPeer: ratiosOf(ours, peer) }),
      ...(healthy === undefined ? {} : { criterion: criterionOf(runs.ours, summary) }),
    }),
  );
}

if (!canMakeWorld()) {
  console.error('This benchmark needs root on Linux: it makes a network namespace of its own.');
  process.exitCode = 2;
} else if (values.serve) await inWorld({ isHealthy: false, work: serve });
else await compare();
