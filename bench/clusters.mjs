/**
 * What the process of the step `clusters` costs: its time and its memory.
 *
 *   node bench/clusters.mjs [--files 1000000] [--memory 2GB] [--threads 2]
 *
 * Writes a snapshot of that number of stored files with made hashes, and finds the groups in it as the plan worker does. Every tenth file is a
 * near duplicate of the one before; the looks are 400 kinds with noise. Prints one JSON line. `memory` and `threads` are the limits of
 * DuckDB, `cpuSeconds` is the CPU time of the child, `peakMb` its VmHWM in MB (Linux only).
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { peakMegabytes } from './measuring/process-costs.mjs';

const require = createRequire(import.meta.url);
const { findClusters } = require('../dist/clusters/find-clusters.js');

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '1000000' },
    memory: { type: 'string', default: '2GB' },
    threads: { type: 'string', default: '2' },
  },
});
const files = Number(values.files);
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-bench-'));

/** The tables as far as the process reads them. */
async function writeSnapshot(file) {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(
    `CREATE TABLE image AS
     SELECT 'object-' || n AS source_image_id, 'stored' AS state, sha256('file-' || n) AS thumb_sha256,
       md5('url-' || n) AS thumb_file_url_hash, 20000 + n % 9973 AS thumb_bytes, 400 AS thumb_width,
       300 AS thumb_height
     FROM range(${files}) r(n)`,
  );
  // Another number gives another 64 bits, as the signed number that the warehouse has.
  const bits = (number) => `(hash(${number})::HUGEINT - 9223372036854775808)::BIGINT`;
  const pdq = [0, 1, 2, 3].map((part) => `${bits(`10 * original + ${part}`)} AS pdq_${part}`);
  await connection.run(
    `CREATE TABLE feature AS
     SELECT sha256('file-' || n) AS sha256, 1 AS version,
       xor(${bits('10 * original + 9')}, CASE WHEN n = original THEN 0 ELSE 7 END) AS phash, ${pdq.join(', ')},
       100 AS pdq_quality, 'red' AS colour,
       unhex(sha256('a' || n % 400) || md5('b' || n % 400) || md5('noise' || n)) AS look
     FROM (SELECT n, CASE WHEN n % 10 = 9 THEN n - 1 ELSE n END AS original FROM range(${files}) r(n))`,
  );
  await connection.run('CHECKPOINT');
  connection.closeSync();
  instance.closeSync();
}

/** Samples the peak memory of this process's children in MB. */
function watchChildren() {
  let most = 0;
  const timer = setInterval(() => {
    for (const task of fs.readdirSync('/proc/self/task')) {
      const children = fs.readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ');
      for (const pid of children.filter((text) => text !== ''))
        most = Math.max(most, peakMegabytes(pid));
    }
  }, 20);
  return () => {
    clearInterval(timer);
    return Math.round(most);
  };
}

/** CPU time of the child processes that have ended. */
function childCpuSeconds() {
  const fields = fs.readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

try {
  fs.mkdirSync(path.join(root, 'tmp'));
  await writeSnapshot(path.join(root, 'warehouse.snapshot.duckdb'));
  const peak = watchChildren();
  const start = performance.now();
  const { counts } = await findClusters({
    dataRoot: root,
    runId: 'r',
    database: { memory: values.memory, threads: Number(values.threads) },
    target: path.join(root, 'tmp', 'clusters.duckdb'),
  });
  const seconds = Number(((performance.now() - start) / 1e3).toFixed(1));
  const load = Math.round(os.loadavg()[0] * 10) / 10;
  const { nearDuplicates: near, visualGroups: visual } = counts;
  const { memory } = values;
  console.log(
    JSON.stringify({
      files,
      memory,
      seconds,
      cpuSeconds: childCpuSeconds(),
      peakMb: peak(),
      near,
      visual,
      load,
    }),
  );
} finally {
  fs.rmSync(root, { recursive: true });
}
