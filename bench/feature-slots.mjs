/**
 * Compares batches of features in one slot with batches in two: files per second, and CPU of all processes per file, which a busy machine
 * changes less.
 *
 *   node bench/feature-slots.mjs [--files 400] [--rounds 5]
 *
 * Makes JPEGs of 400 pixels, and executes the batches of the step as its worker does, one or two at a time, each slot with a process of
 * its own. One and two slots take turns, and `ratio` is the median of the ratios of such pairs. Prints one JSON line with the load of the
 * machine: without two idle cores the ratio is that of what other programs leave. Linux only.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawing } from './measuring/drawing.mjs';
import { median } from './measuring/median.mjs';
import { costsOf } from './measuring/process-costs.mjs';

const require = createRequire(import.meta.url);
const { createFeaturePool } = require('../dist/features/feature-pool.js');
const { runFeatureBatch } = require('../dist/features/run-feature-batch.js');

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '5' },
  },
});
const [files, rounds] = [Number(values.files), Number(values.rounds)];
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-bench-'));

/** Stores the files and plans them as `lanes` lanes. */
async function makeCollection(lanes) {
  const folder = path.join(root, 'raw/images/thumbs');
  fs.mkdirSync(folder, { recursive: true });
  const lines = [];
  for (let n = 0; n < files; n += 1) {
    const bytes = await drawing(400, 300, 3, n).jpeg().toBuffer();
    fs.writeFileSync(path.join(folder, `${n}.jpg`), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    lines.push(`${JSON.stringify({ sha256, paths: [`raw/images/thumbs/${n}.jpg`] })}\n`);
  }
  const offsets = [0];
  for (const line of lines) offsets.push(offsets.at(-1) + Buffer.byteLength(line));
  const at = (lane) => offsets[Math.round((files * lane) / lanes)];
  return {
    plan: lines.join(''),
    places: Array.from({ length: lanes }, (_, lane) => ({ from: at(lane), to: at(lane + 1) })),
  };
}

/** Files per second, and ms of CPU per file, of a run that computes the whole plan. */
async function measure({ plan, places }, pool, runId) {
  fs.mkdirSync(path.join(root, 'runs', runId, 'features'), { recursive: true });
  fs.writeFileSync(path.join(root, 'runs', runId, 'features', 'plan.ndjson'), plan);
  const cpuBefore = costsOf(process.pid).cpu;
  const startedAt = performance.now();
  const results = await Promise.all(
    places.map((place, index) =>
      runFeatureBatch({
        ...{ dataRoot: root, attempt: 1, pixels: 1e8, pool, onProgress: () => undefined },
        signal: new AbortController().signal,
        input: {
          ...{ runId, lane: `f00000${index + 1}`, place, dispatch: 1, sinceDispatch: 1 },
          timeBoxSeconds: 3_600,
        },
      }),
    ),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const computed = results.reduce((sum, result) => sum + result.computed, 0);
  if (computed !== files) throw new Error(`${computed} of ${files} files were computed`);
  return {
    filesPerSecond: files / seconds,
    cpuMs: ((costsOf(process.pid).cpu - cpuBefore) * 1_000) / files,
  };
}

const rounded = (value) => Number(value.toPrecision(3));
const poolOf = (processes) => createFeaturePool({ processes, timeoutMs: 60_000 });
const collections = [await makeCollection(1), await makeCollection(2)];
const pools = [poolOf(1), poolOf(2)];
try {
  // The processes start with the first files.
  for (const slot of [0, 1]) await measure(collections[slot], pools[slot], `first-${slot}`);
  const seen = [[], []];
  for (let round = 0; round < rounds; round += 1)
    for (const slot of [0, 1])
      seen[slot].push(await measure(collections[slot], pools[slot], `r${round}-${slot}`));
  const ratios = seen[1].map((two, n) => two.filesPerSecond / seen[0][n].filesPerSecond);
  const [one, two] = seen.map((measured) => ({
    filesPerSecond: rounded(median(measured.map(({ filesPerSecond }) => filesPerSecond))),
    cpuMs: rounded(median(measured.map(({ cpuMs }) => cpuMs))),
  }));
  console.log(
    JSON.stringify({
      ...{ files, rounds, one, two, ratio: rounded(median(ratios)), ratios: ratios.map(rounded) },
      load: Number(os.loadavg()[0].toFixed(1)),
    }),
  );
} finally {
  for (const pool of pools) await pool.close();
  fs.rmSync(root, { recursive: true });
}
