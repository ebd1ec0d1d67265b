/**
 * Measures how long commits of features hold the lock of the warehouse, in one run that computes the features of every image.
 *
 *   node bench/feature-commit-hold.mjs [--images 1000000] [--features 10000] [--every 15]
 *
 * Makes a collection of `images` stored images. Then it commits the features of all of them, `features` at a time, as a run does whose
 * commits are `every` seconds apart, or further where the lock would otherwise be held for more than 1 % of the time. Prints one JSON line:
 * the times in ms for which the lock was held, of all commits and of the last tenth of them, for the growth with the run; the share of the
 * run; the CPU of whole commits in ms, which a busy machine changes less; the memory of this process in MB; and the load of the machine,
 * without which no time can be judged. Set TMPDIR to a RAM disk to exclude the disk.
 */
import fs from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { makeRoot, openWarehouse, settingsOf } from './measuring/built-warehouse.mjs';
import { makeCollection, writeFeatures } from './measuring/made-collection.mjs';
import { heldShare } from './measuring/held-share.mjs';
import { median, quantile } from './measuring/median.mjs';
import { peakMegabytes } from './measuring/process-costs.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000000' },
    features: { type: 'string', default: '10000' },
    every: { type: 'string', default: '15' },
  },
});
const [images, features, every] = ['images', 'features', 'every'].map((name) =>
  Number(values[name]),
);
const root = makeRoot();
const { database } = settingsOf(root);
const warehouse = openWarehouse(root);
const ids = { warehouseId: 'w', runId: 'r' };

function summary(numbers) {
  return {
    p50: Math.round(median(numbers)),
    p99: Math.round(quantile(numbers, 0.99)),
    max: Math.round(Math.max(...numbers)),
  };
}

try {
  await makeCollection({ root, warehouse, ...ids, database, images, features: 0 });
  const held = [];
  const cpu = [];
  for (let from = 0; from < images; from += features) {
    const range = { from, to: Math.min(from + features, images) };
    writeFeatures({ root, runId: ids.runId, execution: `e${held.length}`, ...range });
    const before = process.cpuUsage();
    const { lockHeldMs, applied } = await warehouse.commitFeatures(ids);
    if (applied !== range.to - from) throw new Error(`${applied} lines were applied`);
    held.push(lockHeldMs);
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1_000);
  }
  const lastTenth = held.slice(-Math.ceil(held.length / 10));
  console.log(
    JSON.stringify({
      ...{ images, commits: held.length, features },
      ...{ heldMs: summary(held), heldMsOfLastTenth: summary(lastTenth) },
      ...{ heldShare: heldShare(held, every), heldShareAtEnd: heldShare(lastTenth, every) },
      ...{ cpuMs: summary(cpu), cpuMsOfLastTenth: summary(cpu.slice(-lastTenth.length)) },
      megabytes: Math.round(peakMegabytes('self')),
      load: Number(os.loadavg()[0].toFixed(1)),
    }),
  );
} finally {
  fs.rmSync(root, { recursive: true });
}
