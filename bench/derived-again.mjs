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
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeRoot, openWarehouse, settingsOf } from './measuring/built-warehouse.mjs';
import { makeCollection, openRun, recordOf } from './measuring/made-collection.mjs';

const require = createRequire(import.meta.url);
const { findClusters } = require('../dist/clusters/find-clusters.js');
const { sha256OfFile } = require('../dist/files/sha256-of-file.js');
const { buildModels } = require('../dist/models/build-models.js');
const { readModelFiles } = require('../dist/models/read-model-files.js');
const { planFeatures } = require('../dist/plan/features/plan-features.js');

const { values } = parseArgs({ options: { images: { type: 'string', default: '100000' } } });
const images = Number(values.images);
const root = makeRoot();
const { database } = settingsOf(root);
let warehouse = openWarehouse(root);

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
  openRun(root, runId, startedAt);
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
  await makeCollection({ root, warehouse, warehouseId: 'w', database, runId: 'r1', images });
  const first = await makeRun('r1', '2026-01-01T00:00:00.000Z');
  const second = await makeRun('r2', '2026-01-02T00:00:00.000Z');
  const third = await makeRun('r3', '2026-01-03T00:00:00.000Z');
  warehouse = openWarehouse(root);
  const fourth = await makeRun('r4', '2026-01-04T00:00:00.000Z');
  const load = Math.round(os.loadavg()[0] * 10) / 10;
  console.log(JSON.stringify({ images, load, first, second, third, fourth }));
} finally {
  fs.rmSync(root, { recursive: true });
}
