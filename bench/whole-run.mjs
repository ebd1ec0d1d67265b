/**
 * What a whole run costs: each queue served by a process of its own, a Temporal server beside them, an origin on loopback.
 *
 *   node bench/whole-run.mjs [--images 100000] [--rate 1000]
 *
 * Prints one JSON line: the share of the run for which the warehouse was locked (sampled from outside, /proc/locks, Linux
 * only), commits (from the workflow's history), history events per 1,000 images, the most memory of each worker, and the
 * time of `status`. Set TMPDIR to a RAM disk to leave the disk out of it.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openBench } from './command-line.mjs';
import { median } from './median.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '1000' },
  },
});
const images = Number(values.images);
const bench = await openBench();
const { root, cli } = bench;

/** Samples the lock of the warehouse and the memory of the workers until it is stopped. **Units** MB. */
function watch(workers) {
  const most = Object.fromEntries(Object.keys(workers).map((queue) => [queue, 0]));
  let looks = 0;
  let held = 0;
  const lock = setInterval(() => {
    const file = path.join(root, 'warehouse.duckdb');
    const inode = fs.statSync(file, { throwIfNoEntry: false })?.ino;
    looks += 1;
    if (inode !== undefined && fs.readFileSync('/proc/locks', 'utf8').includes(`:${inode} `))
      held += 1;
  }, 5);
  const memory = setInterval(() => {
    for (const [queue, { pid }] of Object.entries(workers)) {
      const kilobytes = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      most[queue] = Math.max(most[queue], Math.round(Number(kilobytes) / 1_000));
    }
  }, 500);
  return () => {
    clearInterval(lock);
    clearInterval(memory);
    return { lockedShare: held / looks, mostMegabytes: most };
  };
}

/** All events of a workflow, over its continuations, and the commits among its activities. **Units** ms. */
async function historyOf(workflowId) {
  const listed = await cli(
    'temporal',
    'workflow',
    'list',
    '--query',
    `WorkflowId='${workflowId}'`,
    '--output',
    'json',
  );
  const commits = [];
  let count = 0;
  for (const { execution } of JSON.parse(listed)) {
    const words = ['--workflow-id', workflowId, '--run-id', execution.runId, '--output', 'json'];
    const { events } = JSON.parse(await cli('temporal', 'workflow', 'show', ...words));
    count += events.length;
    for (const { activityTaskCompletedEventAttributes: done } of events) {
      const data = done?.result?.payloads?.[0]?.data;
      const result = data === undefined ? null : JSON.parse(Buffer.from(data, 'base64').toString());
      if (result?.lockHeldMs !== undefined && result.applied > 0) commits.push(result.lockHeldMs);
    }
  }
  return { count, commits };
}

const catalog = bench.writeCatalog(images);
const up = await bench.start('workers are ready', 'up');
up.kill('SIGINT');
await once(up, 'exit');
const workers = {};
for (const queue of ['pipeline', 'plan', 'download', 'warehouse'])
  workers[queue] = await bench.start('workers are ready', 'worker', '--queues', queue);
const stop = watch(workers);
try {
  const hosts = { default: { connections: 64, requestsPerSecond: Number(values.rate) } };
  await bench.startRun('bench', { catalog, hosts });
  const statusTimes = [];
  let run = null;
  while (run?.state !== 'completed') {
    await delay(2_000);
    const startedAt = performance.now();
    [run] = JSON.parse(await cli('status', '--json')).runs;
    statusTimes.push(performance.now() - startedAt);
  }
  const watched = stop();
  const parent = await historyOf('bench');
  const child = await historyOf('bench-download');
  const summary = JSON.parse(fs.readFileSync(path.join(root, 'runs', run.runId, 'summary.json')));
  const round = (number, digits) => Number(number.toFixed(digits));
  console.log(
    JSON.stringify({
      images,
      stored: summary.run.stored,
      seconds: round(summary.seconds, 1),
      lockedShare: round(watched.lockedShare, 4),
      commits: child.commits.length,
      commitMsMedian: round(median(child.commits), 0),
      commitMsMost: round(Math.max(...child.commits), 0),
      eventsPer1000: round(((parent.count + child.count) * 1_000) / images, 1),
      mostMegabytes: watched.mostMegabytes,
      statusMsMedian: round(median(statusTimes), 0),
    }),
  );
} finally {
  for (const worker of Object.values(workers)) worker.kill('SIGKILL');
  await bench.close();
}
