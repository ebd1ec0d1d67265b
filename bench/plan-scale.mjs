/**
 * What planning costs: the time, the memory of its child process, and the size of what it hands to
 * the workflow.
 *
 *   node bench/plan-scale.mjs [--images 1000000] [--hosts 200000] [--rate 20] [--named 0]
 *
 * Writes a snapshot in which every host has an image and the others follow a power law, plans it as
 * the plan worker does, and prints one JSON line. Times are in seconds, memory in MB (the child's
 * VmHWM, Linux only), pages in bytes of the payload that `readPlanPage` returns. `rate` is the
 * default budget in requests per second; `named` is the number of hosts with a budget of their own.
 * `waitingSeconds` is the time that lanes spend on their slowest host beyond the time of their
 * second slowest one. Set TMPDIR to a RAM disk to leave the disk out of it.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { peakMegabytes } from './measuring/process-costs.mjs';

const require = createRequire(import.meta.url);
const { loadConfig } = require('../dist/config.js');
const { planDownloads } = require('../dist/plan/plan-downloads.js');
const { readPlanPage } = require('../dist/plan/read-plan-page.js');

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000000' },
    hosts: { type: 'string', default: '200000' },
    rate: { type: 'string', default: '20' },
    named: { type: 'string', default: '0' },
  },
});
const [images, hosts, rate, named] = ['images', 'hosts', 'rate', 'named'].map((name) =>
  Number(values[name]),
);
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-bench-'));
const runId = 'r';

/**
 * As far as planning reads it: the same views and tables as in test/plan/snapshot-fixture.ts.
 */
async function writeSnapshot(file) {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(
    `CREATE TABLE dim_image AS
     SELECT 'i' || n AS source_image_id, n + 1 AS record, url AS thumb_url, md5(url) AS thumb_url_hash,
       NULL::TIMESTAMP AS removed_at
     FROM (
       SELECT n, 'https://images-' || host || '.museum-' || (host % 977) || '.example.org/iiif/2/' || n ||
         '/full/!400,400/0/default.jpg' AS url
       FROM (
         SELECT n, CASE WHEN n < ${hosts} THEN n
           ELSE floor(${hosts} * pow((hash(n) % 1000000) / 1000000, 3))::BIGINT END AS host
         FROM range(${images}) r(n)
       )
     )`,
  );
  await connection.run(
    `CREATE VIEW image AS SELECT *, 'pending' AS state, false AS last_error_retryable,
       NULL::VARCHAR AS thumb_file_url_hash, NULL::VARCHAR AS thumb_path, NULL::VARCHAR AS thumb_sha256,
       NULL::VARCHAR AS thumb_etag, NULL::VARCHAR AS thumb_last_modified
     FROM dim_image`,
  );
  await connection.run(
    `CREATE TABLE fact_download (run_id VARCHAR, source_image_id VARCHAR, outcome VARCHAR, url_hash VARCHAR,
       recorded_at TIMESTAMP, path VARCHAR, sha256 VARCHAR, bytes BIGINT, width INTEGER, height INTEGER,
       format VARCHAR, verdict VARCHAR, etag VARCHAR, last_modified VARCHAR)`,
  );
  await connection.run('CHECKPOINT');
  connection.closeSync();
  instance.closeSync();
}

/** Samples the peak memory of this process's children in MB, and their CPU time in seconds. */
function watchChildren() {
  let most = 0;
  let ticks = 0;
  const timer = setInterval(() => {
    for (const task of fs.readdirSync('/proc/self/task')) {
      for (const pid of fs.readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ')) {
        if (pid === '') continue;
        most = Math.max(most, peakMegabytes(pid));
        ticks = Math.max(ticks, cpuTicks(pid));
      }
    }
  }, 20);
  return () => {
    clearInterval(timer);
    return { childMegabytes: Math.round(most), childCpuSeconds: ticks / 100 };
  };
}

/** The user and system time, in hundredths of a second. */
function cpuTicks(pid) {
  try {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    // The process has ended since it was listed.
    return 0;
  }
}

/** The seconds that each host of a lane needs at its budget, the longest first. */
function needs({ lane, budgets }) {
  const text = fs.readFileSync(
    path.join(root, 'runs', runId, 'plan/lanes', `${lane}.ndjson`),
    'utf8',
  );
  const entries = new Map();
  for (const line of text.trimEnd().split('\n')) {
    const { host } = new URL(JSON.parse(line).url);
    entries.set(host, (entries.get(host) ?? 0) + 1);
  }
  return [...entries]
    .map(([host, count]) => count / (budgets[host] ?? budgets.default).requestsPerSecond)
    .sort((a, b) => b - a);
}

try {
  await writeSnapshot(path.join(root, 'warehouse.snapshot.duckdb'));
  const { database } = loadConfig({ ...process.env, ARTEMIS_DATA: root });
  const budget = { connections: 8, requestsPerSecond: rate };
  const own = Array.from({ length: named }, (_, n) => [
    `images-${n}.museum-${n % 977}.example.org`,
    { connections: 2, requestsPerSecond: rate / 2 },
  ]);
  const stop = watchChildren();
  const since = performance.now();
  const planned = await planDownloads({
    dataRoot: root,
    runId,
    request: {
      ...{ warehouseId: 'w', runId, select: 'pending', limit: null, only: null },
      hosts: { default: budget, ...Object.fromEntries(own) },
    },
    caps: { connections: 64, requestsPerSecond: 1_000 },
    workers: 2,
    database,
  });
  const seconds = (performance.now() - since) / 1_000;
  const child = stop();
  let [largestPage, largestLane, waitingSeconds, onlyHost] = [0, 0, 0, 0];
  for (let page = 0; page < planned.pages; page += 1) {
    const read = await readPlanPage({ dataRoot: root, runId, page });
    largestPage = Math.max(largestPage, Buffer.byteLength(JSON.stringify(read)));
    for (const lane of read.lanes) {
      largestLane = Math.max(largestLane, lane.entries);
      const [first, second] = needs(lane);
      if (second === undefined) onlyHost += 1;
      else waitingSeconds += first - second;
    }
  }
  console.log(
    JSON.stringify({
      ...{
        images,
        hosts,
        rate,
        named,
        seconds: Number(seconds.toFixed(1)),
        ...child,
      },
      ...{ lanes: planned.lanes, lanesOfOneHost: onlyHost, pages: planned.pages },
      ...{ largestPageBytes: largestPage, largestLaneEntries: largestLane },
      waitingSeconds: Number(waitingSeconds.toFixed(1)),
      load: os.loadavg()[0],
    }),
  );
} finally {
  fs.rmSync(root, { recursive: true, force: true });
}
