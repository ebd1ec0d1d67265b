/**
 * Measures the steps `features`, `clusters` and `aggregates` where they find nothing new.
 *
 *   node bench/derived-again.mjs [--images 100000]
 *
 * Makes a collection whose images are all stored, and whose features are all known: this command writes the ledgers. Then it executes
 * these three steps as workers do, with the models bound before them, four times, each time as a run of its own with a publication at its end, and prints the seconds of
 * each step, its publications included, and their CPU seconds, which a busy machine changes less. Linux only. The first run builds everything. The second one builds the models once more, because the first one
 * has ended. The third and the fourth have nothing to do: `planned` must be 0, and `written` false. A warehouse worker that has just started
 * publishes once before it knows that nothing has changed; the fourth run has such a worker. Prints one JSON line. The costs of Temporal are
 * not included.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const { parseCatalog } = require('../dist/catalog/parse-catalog.js');
const { findClusters } = require('../dist/clusters/find-clusters.js');
const { loadConfig } = require('../dist/config.js');
const { sha256OfFile } = require('../dist/files/sha256-of-file.js');
const { parseRunInput } = require('../dist/input/run-input-schema.js');
const { createLogger } = require('../dist/log.js');
const { buildModels } = require('../dist/models/build-models.js');
const { readModelFiles } = require('../dist/models/read-model-files.js');
const { planFeatures } = require('../dist/plan/features/plan-features.js');
const { createWarehouse } = require('../dist/warehouse/warehouse.js');

const { values } = parseArgs({ options: { images: { type: 'string', default: '100000' } } });
const images = Number(values.images);
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-bench-'));
const { database } = loadConfig({ ...process.env, ARTEMIS_DATA: root });
const log = createLogger({ level: 'warn', pretty: false });
const startWarehouse = () => createWarehouse({ dataRoot: root, database, log });
let warehouse = startWarehouse();
const input = parseRunInput({ catalog: 'catalogs/all.csv' });

const idOf = (n) => `object-${n}`;
const urlOf = (n) => `https://images-${n % 97}.example.org/full/${n}.jpg`;
const digest = (text, length = 64) =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

function writeCatalog() {
  const rows = Array.from({ length: images }, (_, n) => `${idOf(n)},${urlOf(n)},Title ${n % 999}`);
  fs.mkdirSync(path.join(root, 'catalogs'));
  fs.writeFileSync(path.join(root, input.catalog), `id,url,title\n${rows.join('\n')}\n`);
}

function writeLines(file, lineOf) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const open = fs.openSync(file, 'w');
  for (let n = 0; n < images; n += 1) fs.writeSync(open, `${JSON.stringify(lineOf(n))}\n`);
  fs.closeSync(open);
}

const attempt = { execution: 'e1', dispatch: 1, attempt: 1, at: '2026-01-01T00:00:00.000Z' };

function outcomeLine(n) {
  return {
    ...{ v: 1, id: idOf(n), urlHash: digest(urlOf(n), 32), outcome: 'stored', retryable: false },
    ...{ path: `raw/images/thumbs/aaa/${idOf(n)}.0123456789ab.jpg`, bytes: 20_000 + (n % 9_973) },
    ...{ sha256: digest(`${n}`), width: 400, height: 300, format: 'jpeg', verdict: 'valid' },
    ...{ status: 200, finalHost: `images-${n % 97}.example.org`, requests: 1, lane: 'l000001' },
    ...attempt,
  };
}

/** Every tenth file is a near duplicate of the one before. */
function featureLine(n) {
  const of = n % 10 === 9 ? n - 1 : n;
  const look = createHash('sha512').update(`${of}`).digest();
  return {
    ...{ v: 1, sha256: digest(`${n}`), version: 2, outcome: 'computed', code: null, detail: null },
    values: {
      ...{ phash: digest(`p${of}`, 16), pdq: digest(`q${of}`), pdqQuality: 100 },
      ...{ brightness: (n % 100) / 100, contrast: 0.2, entropy: 7, sharpness: n % 999 },
      ...{ colourfulness: 20, grey: 0.1, transparent: 0, border: 0, colour: 'red' },
      palette: [{ l: 0.5, a: 0.1, b: 0.1, share: 1 }],
      placeholder: 'AQID',
      look: look.toString('base64'),
    },
    lane: 'f000001',
    ...attempt,
  };
}

async function makeCollection(runId) {
  const folder = path.join(root, 'runs', runId);
  writeCatalog();
  openRun(runId, '2026-01-01T00:00:00.000Z');
  const { parquet, rejects } = await parseCatalog({ dataRoot: root, runId, input, database });
  const ids = { warehouseId: 'w', runId };
  const record = recordOf(runId, '2026-01-01T00:00:00.000Z');
  await warehouse.mergeCatalog({ ...ids, parquet, rejects, maxRemoved: 0.2, record });
  writeLines(path.join(folder, 'ledger', 'l000001', 'e1.ndjson'), outcomeLine);
  writeLines(path.join(folder, 'features', 'ledger', 'f000001', 'e1.ndjson'), featureLine);
  await warehouse.commitLedgers({ warehouseId: 'w', runId });
}

function openRun(runId, startedAt) {
  const run = { v: 1, runId, workflowId: 'all', input, catalog: null, startedAt };
  fs.mkdirSync(path.join(root, 'runs', runId), { recursive: true });
  fs.writeFileSync(path.join(root, 'runs', runId, 'run.json'), JSON.stringify(run));
}

function recordOf(runId, startedAt) {
  return {
    ...{ runId, workflowId: 'all', state: 'running', code: null, detail: null },
    ...{ startedAt, endedAt: null, steps: [] },
  };
}

function publish(materialise, derived = [], record = null) {
  return warehouse.publishSnapshot({ warehouseId: 'w', record, materialise, derived });
}

async function fileOf(kind, target) {
  const relative = path.relative(root, target);
  return { kind, path: relative, sha256: await sha256OfFile(target) };
}

/** Before the first long step, as src/workflows/run/bind-models.ts does it. */
async function bindModels() {
  await publish(true);
  const { models } = await buildModels({
    ...{ dataRoot: root, files: readModelFiles(root), mode: 'bind', only: null, previewRows: 0 },
    ...{ secondsPerModel: 0, database, origin: null, target: null },
  });
  return { models: models.length };
}

async function computeFeatures(runId) {
  await warehouse.commitFeatures({ warehouseId: 'w', runId: null });
  await publish(true);
  const request = { select: 'pending', limit: null, only: null };
  const { planned } = await planFeatures({ dataRoot: root, runId, request, database });
  return { planned };
}

async function computeClusters(runId) {
  await publish(true);
  const target = path.join(root, 'tmp', 'clusters.duckdb');
  const { isWritten, counts } = await findClusters({ dataRoot: root, runId, database, target });
  if (isWritten) await publish(true, [await fileOf('clusters', target)]);
  return { written: isWritten, near: counts.nearDuplicates };
}

async function computeAggregates(runId) {
  await publish(true);
  const target = path.join(root, 'tmp', 'models.duckdb');
  const files = readModelFiles(root);
  const { isReused } = await buildModels({
    ...{ dataRoot: root, files, mode: 'build', only: null, previewRows: 0, secondsPerModel: 300 },
    ...{ database, origin: { runId, mayReuse: true }, target },
  });
  if (!isReused) await publish(true, [await fileOf('models', target)]);
  return { written: !isReused };
}

/** CPU time of this process and of the processes that it has started and that have ended. */
function cpuSeconds() {
  const fields = fs.readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) / 100, 0);
}

async function makeRun(runId, startedAt) {
  openRun(runId, startedAt);
  const result = {};
  let all = 0;
  const cpuBefore = cpuSeconds();
  for (const [name, step] of Object.entries({
    binding: bindModels,
    features: computeFeatures,
    clusters: computeClusters,
    aggregates: computeAggregates,
  })) {
    const from = performance.now();
    const found = await step(runId);
    const seconds = Math.round(performance.now() - from) / 1_000;
    all += seconds;
    result[name] = { seconds, ...found };
  }
  const cpu = Math.round((cpuSeconds() - cpuBefore) * 100) / 100;
  const ended = { ...recordOf(runId, startedAt), state: 'completed', endedAt: startedAt };
  await publish(true, [], ended);
  return { seconds: Math.round(all * 1_000) / 1_000, cpuSeconds: cpu, ...result };
}

try {
  await makeCollection('r1');
  const first = await makeRun('r1', '2026-01-01T00:00:00.000Z');
  const second = await makeRun('r2', '2026-01-02T00:00:00.000Z');
  const third = await makeRun('r3', '2026-01-03T00:00:00.000Z');
  warehouse = startWarehouse();
  const fourth = await makeRun('r4', '2026-01-04T00:00:00.000Z');
  const load = Math.round(os.loadavg()[0] * 10) / 10;
  console.log(JSON.stringify({ images, load, first, second, third, fourth }));
} finally {
  fs.rmSync(root, { recursive: true });
}
