/**
 * Measures a run that finds nothing to do: the same catalog again, with every image stored.
 *
 *   node bench/again.mjs [--images 200000] [--columns 25] [--format csv|parquet]
 *
 * Writes a catalog (csv.gz or Parquet) and makes a first run of it without a network: this command writes the
 * outcomes to a ledger. Then it executes the steps of a second run of the same catalog as workers
 * do, and prints the seconds of each: `parse`, `merge`, `recover` (the commit of what may be left),
 * `publish` before the plan, `plan`, and `end`, the publication at the end. `first` has the same
 * for the first run, and `third` for a third one, whose catalog the second has found merged. `cpu` has the processor time of each step in seconds, that of its processes
 * included (Linux only). Prints one JSON line, in which `planned` must be 0. The costs of Temporal and
 * of starting processes are not included. Set TMPDIR to a RAM disk to exclude the disk.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { makeRoot, openWarehouse, settingsOf } from './measuring/built-warehouse.mjs';

const require = createRequire(import.meta.url);
const { parseCatalog } = require('../dist/catalog/parse-catalog.js');
const { parseRunInput } = require('../dist/input/run-input-schema.js');
const { planDownloads } = require('../dist/plan/plan-downloads.js');

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '200000' },
    columns: { type: 'string', default: '25' },
    format: { type: 'string', default: 'csv' },
  },
});
const images = Number(values.images);
const columns = Number(values.columns);
const isParquet = values.format === 'parquet';
const root = makeRoot();
const { database, download } = settingsOf(root);
/** Each later run has a warehouse of its own, as a worker that has just started. */
let warehouse = openWarehouse(root);
const input = parseRunInput({ catalog: `catalogs/all.${isParquet ? 'parquet' : 'csv.gz'}` });
const caps = {
  connections: download.maxConnectionsPerHost,
  requestsPerSecond: download.maxRequestsPerSecond,
};

const idOf = (n) => `object-${(n * 7_919) % 1_000_003}-${n}`;
const urlOf = (n) => `https://images-${n % 97}.example.org/collection/${n * 31}/full/400/${n}.jpg`;

async function writeParquet(file) {
  const others = Array.from(
    { length: columns - 2 },
    (_, c) => `'value ' || (n * ${c + 3}) % 10007 AS "column ${c}"`,
  );
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (
       SELECT 'object-' || (n * 7919) % 1000003 || '-' || n AS id,
         'https://images-' || n % 97 || '.example.org/collection/' || n * 31 || '/full/400/' || n || '.jpg' AS url,
         ${others.join(', ')}
       FROM range(${images}) r(n)
     ) TO '${file}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
}

async function writeCatalog() {
  fs.mkdirSync(path.join(root, 'catalogs'));
  if (isParquet) {
    await writeParquet(path.join(root, input.catalog));
    return;
  }
  const gzip = createGzip({ level: 1 });
  const file = gzip.pipe(fs.createWriteStream(path.join(root, input.catalog)));
  const others = Array.from({ length: columns - 2 }, (_, c) => `column ${c}`);
  gzip.write(`id,url,${others.join(',')}\n`);
  for (let n = 0; n < images; n += 1) {
    const cells = others.map((_, c) => `value ${(n * (c + 3)) % 10_007}`);
    if (!gzip.write(`${idOf(n)},${urlOf(n)},${cells.join(',')}\n`)) await once(gzip, 'drain');
  }
  gzip.end();
  await once(file, 'finish');
}

/** A commit reads a ledger whole, and downloads write many. */
const LINES_OF_A_LEDGER = 500_000;

/** The outcomes that downloads would have written. */
function writeLedgers(runId) {
  for (let from = 0; from < images; from += LINES_OF_A_LEDGER)
    writeLedger(runId, from, Math.min(images, from + LINES_OF_A_LEDGER));
}

function writeLedger(runId, from, to) {
  const lane = `l${String(from / LINES_OF_A_LEDGER + 1).padStart(6, '0')}`;
  const folder = path.join(root, 'runs', runId, 'ledger', lane);
  fs.mkdirSync(folder, { recursive: true });
  const file = fs.openSync(path.join(folder, 'e1.ndjson'), 'w');
  for (let n = from; n < to; n += 1) {
    const line = {
      v: 1,
      id: idOf(n),
      urlHash: createHash('sha256').update(urlOf(n)).digest('hex').slice(0, 32),
      outcome: 'stored',
      retryable: false,
      path: `raw/images/thumbs/aaa/${idOf(n)}.0123456789ab.jpg`,
      bytes: 20_000 + (n % 9_973),
      sha256: 'ab'.repeat(32),
      width: 400,
      height: 300,
      format: 'jpeg',
      verdict: 'valid',
      status: 200,
      finalHost: `images-${n % 97}.example.org`,
      requests: 1,
      lane,
      execution: 'e1',
      dispatch: 1,
      attempt: 1,
      at: '2026-01-01T00:00:00.000Z',
    };
    fs.writeSync(file, `${JSON.stringify(line)}\n`);
  }
  fs.closeSync(file);
}

/** The processor time of this process and of those that have ended, in seconds. */
function cpuSeconds() {
  const fields = fs.readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

async function makeRun(runId, startedAt) {
  const seconds = {};
  const cpu = {};
  const timed = async (name, work) => {
    const from = performance.now();
    const cpuFrom = cpuSeconds();
    const result = await work();
    cpu[name] = Math.round((cpuSeconds() - cpuFrom) * 100) / 100;
    seconds[name] = Math.round(performance.now() - from) / 1_000;
    return result;
  };
  const ids = { warehouseId: 'w', runId };
  const run = { v: 1, runId, workflowId: 'all', input, catalog: null, startedAt };
  fs.mkdirSync(path.join(root, 'runs', runId), { recursive: true });
  fs.writeFileSync(path.join(root, 'runs', runId, 'run.json'), JSON.stringify(run));
  const record = {
    ...{ runId, workflowId: 'all', state: 'running', code: null, detail: null },
    ...{ startedAt, endedAt: null, steps: [] },
  };
  const { parquet, rejects } = await timed('parse', () =>
    parseCatalog({ dataRoot: root, runId, input, database }),
  );
  await timed('merge', () =>
    warehouse.mergeCatalog({ ...ids, parquet, rejects, maxRemoved: 0.2, record }),
  );
  await timed('recover', () => warehouse.commitLedgers({ warehouseId: 'w', runId: null }));
  await timed('publish', () =>
    warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: false }),
  );
  const { select, limit, only, hosts } = input;
  const request = { select, limit, only, hosts };
  const { planned } = await timed('plan', () =>
    planDownloads({ dataRoot: root, runId, request, caps, workers: 1, database }),
  );
  await timed('end', () =>
    warehouse.publishSnapshot({ warehouseId: 'w', record, materialise: true }),
  );
  const all = Object.values(seconds).reduce((a, b) => a + b, 0);
  return { planned, all: Math.round(all * 10) / 10, seconds, cpu };
}

try {
  await writeCatalog();
  const first = await makeRun('r1', '2026-01-01T00:00:00.000Z');
  writeLedgers('r1');
  await warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  // A run publishes at its end, after its outcomes.
  await warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
  warehouse = openWarehouse(root);
  const again = await makeRun('r2', '2026-01-02T00:00:00.000Z');
  warehouse = openWarehouse(root);
  const third = await makeRun('r3', '2026-01-03T00:00:00.000Z');
  const load = os.loadavg()[0];
  console.log(
    JSON.stringify({ images, columns, format: values.format, load, first, again, third }),
  );
} finally {
  fs.rmSync(root, { recursive: true });
}
