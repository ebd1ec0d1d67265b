/**
 * Measures a whole run with a process for each queue, a Temporal server, and an origin on loopback.
 *
 *   node bench/whole-run.mjs [--images 100000] [--rate 1000]
 *
 * Prints one JSON line: the share of the run for which the warehouse was locked, and the longest
 * time (observed from outside in /proc/locks, Linux only); the commits (from the workflow's
 * history); the history events per 1,000 images; the peak memory of each worker; and the time of
 * `status` beside that of `node -e 0`, during the run and afterwards. Set TMPDIR to a RAM disk to
 * exclude the disk.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openBench } from './measuring/command-line.mjs';
import { median } from './measuring/median.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '1000' },
  },
});
const images = Number(values.images);
const bench = await openBench();
const { root, cli } = bench;

/** Observes the lock of the warehouse, and the memory of the workers in MB, until it is stopped. */
function watch(workers) {
  const most = Object.fromEntries(Object.keys(workers).map((queue) => [queue, 0]));
  const startedAt = performance.now();
  const stretches = [];
  let lockedSince = null;
  const lock = setInterval(() => {
    const now = performance.now();
    if (isLocked(path.join(root, 'warehouse.duckdb'))) lockedSince ??= now;
    else if (lockedSince !== null) {
      stretches.push(now - lockedSince);
      lockedSince = null;
    }
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
    const locked = stretches.reduce((a, b) => a + b, 0);
    return {
      lockedShare: locked / (performance.now() - startedAt),
      lockedMsMost: Math.max(...stretches),
      mostMegabytes: most,
    };
  };
}

function isLocked(file) {
  const inode = fs.statSync(file, { throwIfNoEntry: false })?.ino;
  return inode !== undefined && fs.readFileSync('/proc/locks', 'utf8').includes(`:${inode} `);
}

/** All events of a workflow over its continuations, and the commits among its activities, in ms. */
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

/** The times in ms of `status`, and of a Node that does nothing. */
async function timeStatus() {
  const startedAt = performance.now();
  const { runs } = JSON.parse(await cli('status', '--json'));
  const answeredAt = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return { run: runs[0], status: answeredAt - startedAt, node: performance.now() - answeredAt };
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
  const during = [];
  do {
    await delay(2_000);
    during.push(await timeStatus());
  } while (during.at(-1).run?.state !== 'completed');
  const { run } = during.at(-1);
  const watched = stop();
  const after = [];
  for (let time = 0; time < 7; time += 1) after.push(await timeStatus());
  const parent = await historyOf('bench');
  const child = await historyOf('bench-download');
  const summary = JSON.parse(fs.readFileSync(path.join(root, 'runs', run.runId, 'summary.json')));
  const round = (number, digits) => Number(number.toFixed(digits));
  const medians = (times) => ({
    status: round(median(times.map((time) => time.status)), 0),
    node: round(median(times.map((time) => time.node)), 0),
  });
  console.log(
    JSON.stringify({
      images,
      stored: summary.run.stored,
      seconds: round(summary.seconds, 1),
      lockedShare: round(watched.lockedShare, 4),
      lockedMsMost: round(watched.lockedMsMost, 0),
      commits: child.commits.length,
      lockedShareOfCommits: round(
        child.commits.reduce((a, b) => a + b, 0) / 1_000 / summary.seconds,
        4,
      ),
      eventsPer1000: round(((parent.count + child.count) * 1_000) / images, 1),
      mostMegabytes: watched.mostMegabytes,
      statusMs: medians(during),
      statusMsAfterwards: medians(after),
    }),
  );
} finally {
  for (const worker of Object.values(workers)) worker.kill('SIGKILL');
  await bench.close();
}
