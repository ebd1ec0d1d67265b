/**
 * Measures how soon a cancelled run stops: its last request at the origin, and the end of its
 * flush.
 *
 *   node bench/cancel.mjs [--rounds 5] [--rate 500]
 *
 * `temporal workflow cancel` reaches the run in the middle of its downloads. Prints one JSON line
 * with medians and maxima, in ms after the command has returned. Set TMPDIR to a RAM disk to
 * exclude the disk.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openBench } from './measuring/command-line.mjs';
import { median } from './measuring/median.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '500' },
  },
});
const IMAGES = 100_000;
const bench = await openBench();
const up = await bench.start('workers are ready', 'up');
const catalog = bench.writeCatalog(IMAGES);
const hosts = { default: { connections: 64, requestsPerSecond: Number(values.rate) } };
const requested = [];
const flushed = [];
try {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const runId = await bench.startRun(`cancel-${round}`, {
      catalog,
      hosts,
      steps: round === 0 ? undefined : ['download', 'publish'],
    });
    await storedSome(runId);
    await bench.cli('temporal', 'workflow', 'cancel', '--workflow-id', `cancel-${round}`);
    const cancelledAt = Date.now();
    const summary = path.join(bench.root, 'runs', runId, 'summary.json');
    while (!fs.existsSync(summary)) await delay(10);
    flushed.push(Date.now() - cancelledAt);
    await delay(1_000);
    requested.push(Math.max(0, (await bench.lastRequestAt()) - cancelledAt));
  }
  console.log(
    JSON.stringify({
      rounds: flushed.length,
      lastRequestMsMedian: median(requested),
      lastRequestMsMost: Math.max(...requested),
      flushedMsMedian: median(flushed),
      flushedMsMost: Math.max(...flushed),
    }),
  );
} finally {
  up.kill('SIGINT');
  await once(up, 'exit');
  await bench.close();
}

/** Waits until downloads are under way and some have been committed. */
async function storedSome(runId) {
  for (;;) {
    const { runs } = JSON.parse(await bench.cli('status', '--json'));
    const run = runs.find((one) => one.runId === runId);
    if (run?.committed > 0) return;
    await delay(200);
  }
}
