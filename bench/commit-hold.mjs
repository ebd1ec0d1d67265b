/**
 * Measures how long commits, and a merge, hold the warehouse's lock, by the size of the warehouse.
 *
 *   node bench/commit-hold.mjs [--images 1000000] [--commits 20] [--outcomes 10000] [--every 15]
 *
 * Merges a catalog of `images` rows, and merges it again with one image in a hundred changed.
 * Publishes the snapshot, as before every download. Then it commits `commits` ledgers one after
 * another, each with the outcomes of `outcomes` images at random (as far as there are images).
 * Prints one JSON line: times in ms; the share of a run that commits every `every` seconds, or less
 * often if the run itself would wait longer; the memory of this process in MB; and the load of the
 * machine, without which no time can be judged. Set TMPDIR to a RAM disk to exclude the disk.
 */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { makeRoot, openWarehouse } from './measuring/built-warehouse.mjs';
import { heldShare } from './measuring/held-share.mjs';
import { median, quantile } from './measuring/median.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000000' },
    commits: { type: 'string', default: '20' },
    outcomes: { type: 'string', default: '10000' },
    every: { type: 'string', default: '15' },
  },
});
const [images, commits, outcomes, every] = ['images', 'commits', 'outcomes', 'every'].map((name) =>
  Number(values[name]),
);
const root = makeRoot();
const warehouse = openWarehouse(root);
const ids = { warehouseId: 'w', runId: 'r' };
const startedAt = new Date().toISOString();
const runFolder = path.join(root, 'runs/r');

function url(n) {
  return `https://images.example.org/collection/${n}/thumb.jpg`;
}

/**
 * The whole time of a merge, and how long it holds the lock. `url` is the URL of image `n`, as SQL.
 */
async function mergeCatalog(url) {
  fs.mkdirSync(path.join(runFolder, 'ledger'), { recursive: true });
  const run = { v: 1, ...ids, workflowId: 'w-r', input: {}, catalog: null, startedAt };
  fs.writeFileSync(path.join(runFolder, 'run.json'), JSON.stringify(run));
  fs.writeFileSync(path.join(runFolder, 'rejects.ndjson'), '');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT 'i' || n AS source_image_id, n + 1 AS record,
       ${url} AS thumb_url FROM range(${images}) r(n))
     TO '${runFolder}/catalog.parquet' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  const record = {
    ...{ runId: 'r', workflowId: 'w-r', state: 'running', code: null, detail: null },
    ...{ startedAt, endedAt: null, steps: [] },
  };
  const files = { parquet: 'runs/r/catalog.parquet', rejects: 'runs/r/rejects.ndjson' };
  const since = performance.now();
  const { lockHeldMs } = await warehouse.mergeCatalog({
    ...ids,
    ...files,
    maxRemoved: 0.2,
    record,
  });
  return { ms: Math.round(performance.now() - since), heldMs: lockHeldMs };
}

function ledgerLine(n, dispatch) {
  const sha256 = randomBytes(32).toString('hex');
  return JSON.stringify({
    ...{ v: 1, id: `i${n}`, outcome: 'stored', code: null, retryable: null },
    urlHash: createHash('sha256').update(url(n)).digest('hex').slice(0, 32),
    path: `raw/images/thumbs/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/i${n}.${sha256.slice(0, 12)}.jpg`,
    ...{
      bytes: 9_000 + (n % 1_000),
      sha256,
      width: 320,
      height: 240,
      format: 'jpeg',
      verdict: 'valid',
    },
    ...{
      status: 200,
      etag: `"${sha256.slice(0, 16)}"`,
      lastModified: null,
      finalHost: 'images.example.org',
    },
    ...{
      requests: 1,
      detail: null,
      lane: 'l000001',
      execution: `e${dispatch}`,
      dispatch,
      attempt: 1,
    },
    at: new Date().toISOString(),
  });
}

/** The numbers below `count` in a random order. */
function shuffled(count) {
  const numbers = Array.from({ length: count }, (_, n) => n);
  for (let n = count - 1; n > 0; n -= 1) {
    const other = Math.floor(Math.random() * (n + 1));
    [numbers[n], numbers[other]] = [numbers[other], numbers[n]];
  }
  return numbers;
}

try {
  const atUrl = "'https://images.example.org/collection/' || n || '/thumb.jpg'";
  const before = `CASE WHEN n % 100 = 0 THEN 'https://old.example.org/' || n ELSE ${atUrl} END`;
  const merge = await mergeCatalog(before);
  const mergeAgain = await mergeCatalog(atUrl);
  await warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: false });
  const held = [];
  const whole = [];
  fs.mkdirSync(path.join(runFolder, 'ledger/l000001'));
  const left = shuffled(images);
  for (let dispatch = 1; dispatch <= commits && left.length > 0; dispatch += 1) {
    const lines = Array.from(left.splice(-outcomes), (n) => ledgerLine(n, dispatch)).join('\n');
    fs.writeFileSync(path.join(runFolder, `ledger/l000001/e${dispatch}.ndjson`), `${lines}\n`);
    const at = performance.now();
    held.push((await warehouse.commitLedgers(ids)).lockHeldMs);
    whole.push(performance.now() - at);
  }
  console.log(
    JSON.stringify({
      ...{ images, commits: held.length, outcomes },
      heldMs: { p50: median(held), p99: quantile(held, 0.99), max: Math.max(...held) },
      heldShare: heldShare(held, every),
      wholeMsMedian: Math.round(median(whole)),
      ...{ merge, mergeAgain, load: Number(os.loadavg()[0].toFixed(1)) },
      megabytes: Math.round(process.memoryUsage.rss() / 1e6),
    }),
  );
} finally {
  fs.rmSync(root, { recursive: true });
}
