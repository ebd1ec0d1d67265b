/**
 * Measures whole runs of this program and other bulk downloaders, in interleaved rounds over the
 * same files.
 *
 *   node bench/peers.mjs --peers FOLDER [--files 20000] [--connections 64] [--rounds 3]
 *     [--latencies 0,50] [--out FILE] [--only ours-decode,ours-signature,undici-bare,curl,wget2,
 *     aria2c,img2dataset-verify]
 *
 * FOLDER contains the measuring script `run.py` and its peers (bench/README.md describes them).
 * Prints a table and one JSON line: medians of the images per second, the CPU ms per image, the
 * memory in MB, the CPU seconds that other processes used meanwhile (the maximum), and the ratios
 * of bench/README.md. A run of this program counts from the workflow's start to its end, with the
 * Temporal server, the warehouse and the snapshot, and its start-up is stated separately. Peers
 * count from their start to their end. A peer that is not installed is omitted, and named.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './measuring/median.mjs';

const { values } = parseArgs({
  options: {
    peers: { type: 'string' },
    files: { type: 'string', default: '20000' },
    connections: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
    latencies: { type: 'string', default: '0,50' },
    only: {
      type: 'string',
      default:
        'ours-decode,ours-decode-2,ours-signature,ours-signature-2,undici-bare,curl,wget2,aria2c,img2dataset-verify',
    },
    out: { type: 'string' },
  },
});
if (values.peers === undefined) throw new Error('--peers FOLDER is missing: bench/README.md');
const bulk = fileURLToPath(new URL('./bulk.mjs', import.meta.url));
const OURS = {
  'ours-decode': '--verify decode',
  'ours-decode-2': '--verify decode --processes 2',
  'ours-signature': '--verify signature',
  'ours-signature-2': '--verify signature --processes 2',
};

/** Runs one peer once. Null when it did not download all files. */
function measure(peer, latency) {
  const own = OURS[peer];
  const words = [own === undefined ? peer : 'candidate', values.files, values.connections, latency];
  const CANDIDATE = `"${process.execPath}" "${bulk}" {urls} {out} {conns} ${own ?? ''}`;
  const { stdout, stderr } = spawnSync(
    'python3',
    [path.join(values.peers, 'run.py'), ...words, '--verbose'],
    { env: { ...process.env, CANDIDATE }, encoding: 'utf8' },
  );
  const line = stdout === '' ? null : JSON.parse(stdout);
  if (line === null || line.identical + line.other_files < line.wanted) {
    console.error(`${peer}: ${(line?.said ?? stderr).slice(-400)}`);
    return null;
  }
  return own === undefined ? costsOfPeer(line) : costsOfOurs(line);
}

function costsOfPeer(line) {
  return {
    seconds: line.wall_s,
    cpuMs: line.cpu_ms_per_file,
    megabytes: line.rss_sum_mb,
    noise: line.noise_cpu_s,
    identical: line.identical,
  };
}

/**
 * The memory of the session is that of all processes of this program except the server. That of the
 * download process is stated beside it.
 */
function costsOfOurs(line) {
  const { startup, run, cpu, mb } = JSON.parse(line.said.split('\n|')[0]);
  const cpuSeconds = Object.values(cpu).reduce((a, b) => a + b, 0);
  return {
    seconds: run,
    cpuMs: (cpuSeconds * 1_000) / line.count,
    megabytes: line.rss_sum_mb,
    noise: line.noise_cpu_s - (cpu.server ?? 0),
    identical: line.identical,
    startup,
    downloadMegabytes: mb[0],
  };
}

function summarise(rows) {
  const of = (field, digits = 2) => Number(median(rows.map((row) => row[field])).toFixed(digits));
  return {
    runs: rows.length,
    perSecond: Math.round(Number(values.files) / of('seconds', 4)),
    ...{ seconds: of('seconds'), cpuMs: of('cpuMs', 3), megabytes: of('megabytes', 0) },
    noise: Number(Math.max(...rows.map(({ noise }) => noise)).toFixed(1)),
    identical: Math.min(...rows.map(({ identical }) => identical)),
    ...(rows[0]?.startup === undefined
      ? {}
      : { startup: of('startup'), downloadMegabytes: of('downloadMegabytes', 0) }),
  };
}

/** The ratios that bench/README.md asks for. */
function ratiosOf(table) {
  const rate = (peer, latency) => table[`${peer} ${latency}`]?.perSecond ?? Number.NaN;
  const ratio = (one, other, latency) =>
    Number((rate(one, latency) / rate(other, latency)).toFixed(2));
  return {
    decodeTimeOfImg2dataset: ratio('img2dataset-verify', 'ours-decode', 0),
    decodeRateOfCurlAt50: ratio('ours-decode', 'curl', 50),
    signatureRateOfCurlAt50: ratio('ours-signature', 'curl', 50),
    signatureRateOfBareLoop: ratio('ours-signature', 'undici-bare', 0),
    twoProcessesRateOfBareLoop: ratio('ours-signature-2', 'undici-bare', 0),
  };
}

const runs = {};
const missing = new Set();
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const latency of values.latencies.split(',')) {
    for (const peer of values.only.split(',').filter((name) => !missing.has(name))) {
      const row = measure(peer, latency);
      console.error(`${peer} ${latency}: ${JSON.stringify(row)}`);
      if (row === null) missing.add(peer);
      else (runs[`${peer} ${latency}`] ??= []).push(row);
    }
  }
}
const table = Object.fromEntries(
  Object.entries(runs).map(([name, rows]) => [name, summarise(rows)]),
);
console.log(
  '| peer, round trip ms | images/s | CPU ms an image | MB | byte-identical | noise, CPU s |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
for (const [name, row] of Object.entries(table)) {
  const { perSecond, cpuMs, megabytes, identical, noise } = row;
  console.log(`| ${name} | ${perSecond} | ${cpuMs} | ${megabytes} | ${identical} | ${noise} |`);
}
const report = JSON.stringify({
  ...{ files: Number(values.files), connections: Number(values.connections), table },
  ...{ ratios: ratiosOf(table), missing: [...missing] },
});
console.log(report);
if (values.out !== undefined) fs.appendFileSync(values.out, `${report}\n`);
