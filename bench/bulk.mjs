/**
 * Measures a whole run from a list of URLs to files: an embedded Temporal server, all workers,
 * ledgers, commits and the snapshot.
 *
 *   node bench/bulk.mjs URLS OUT [CONNECTIONS] [--verify decode|signature] [--processes 1]
 *     [--rate 100000] [--profile DIR]
 *
 * OUT becomes the data root. One process serves all queues except `artemis-download`, and
 * `processes` others serve that. Every URL is tried once, for at most 20 s, as by the tools with
 * which this is compared. Prints one short JSON line: the seconds of start-up and of the run (from
 * the workflow's start to its end), the CPU seconds of the run by process, the peak memory of a
 * download process alone and with its decoders, and the images that were stored and that failed, by
 * code. The exit codes are those of `artemis-pipeline run`: 3 when images failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { costsOf } from './measuring/process-costs.mjs';

const require = createRequire(import.meta.url);
const { createLogger } = require('../dist/log.js');
const { connectClient } = require('../dist/server/connection.js');
const { ensureServer, stopServer } = require('../dist/server/embedded/dev-server.js');
const { readServerRecord } = require('../dist/server/embedded/server-record.js');
const BIN = fileURLToPath(new URL('../bin/artemis-pipeline.js', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    verify: { type: 'string', default: 'signature' },
    processes: { type: 'string', default: '1' },
    rate: { type: 'string', default: '100000' },
    profile: { type: 'string' },
  },
});
const [list = '', out = '', connections = '64'] = positionals;
const root = path.resolve(out);
const urls = fs.readFileSync(list, 'utf8').split('\n').filter(Boolean);
const requestsPerSecond = Number(values.rate);
const env = {
  ...process.env,
  ARTEMIS_DATA: root,
  ARTEMIS_ALLOW_PRIVATE_HOSTS: [...new Set(urls.map((url) => new URL(url).host))].join(','),
  ARTEMIS_MAX_CONNECTIONS_PER_HOST: connections,
  ARTEMIS_MAX_REQUESTS_PER_SECOND: values.rate,
  ARTEMIS_LOG_LEVEL: 'warn',
};

/** Starts a worker process, and returns when it polls. */
async function startWorker(queues, nodeOptions = []) {
  const words = [...nodeOptions, BIN, 'worker', '--queues', queues];
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part) => (text += part));
  while (!text.includes('workers are ready')) {
    if (child.exitCode !== null) throw new Error(text);
    await delay(20);
  }
  return child;
}

function writeCatalog() {
  const rows = urls.map((url, n) => `${String(n).padStart(6, '0')},"${url}"\n`);
  fs.mkdirSync(path.join(root, 'catalogs'), { recursive: true });
  fs.writeFileSync(path.join(root, 'catalogs/list.csv'), `id,url\n${rows.join('')}`);
  return 'catalogs/list.csv';
}

async function run(client) {
  const input = {
    catalog: writeCatalog(),
    verify: values.verify,
    hosts: { default: { connections: Number(connections), requestsPerSecond } },
    limits: { attempts: 1, secondsPerFile: 20 },
    onStepFailure: 'fail',
  };
  const handle = await client.workflow.start('runPipeline', {
    workflowId: 'bulk',
    taskQueue: 'artemis-pipeline',
    args: [input],
  });
  await handle.result();
  return handle.firstExecutionRunId;
}

/** The number of the run's failures by code. */
function failuresOf(runId) {
  const folder = path.join(root, 'runs', runId, 'ledger');
  const codes = {};
  for (const name of fs.readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.ndjson')) continue;
    for (const line of fs.readFileSync(path.join(folder, name), 'utf8').split('\n')) {
      const code = line === '' ? null : JSON.parse(line).code;
      if (code !== null) codes[code] = (codes[code] ?? 0) + 1;
    }
  }
  return codes;
}

const round = (number, digits = 2) => Number(number.toFixed(digits));
const beganAt = performance.now();
const log = createLogger({ level: 'error', pretty: false });
const { settings } = await ensureServer({ dataRoot: root, env, log });
const profile =
  values.profile === undefined
    ? []
    : ['--cpu-prof', `--cpu-prof-dir=${path.resolve(values.profile)}`];
const workers = { others: await startWorker('pipeline,plan,warehouse') };
for (let n = 0; n < Number(values.processes); n += 1)
  workers[`download${n === 0 ? '' : n + 1}`] = await startWorker('download', profile);
try {
  const pids = { server: readServerRecord(root).pid };
  for (const [name, { pid }] of Object.entries(workers)) pids[name] = pid;
  const cpuOf = () => Object.entries(pids).map(([name, pid]) => [name, costsOf(pid).cpu]);
  const most = { own: 0, tree: 0 };
  const look = setInterval(() => {
    const { own, tree } = costsOf(pids.download);
    Object.assign(most, { own: Math.max(most.own, own), tree: Math.max(most.tree, tree) });
  }, 500);
  const client = await connectClient(settings);
  const before = Object.fromEntries(cpuOf());
  const startedAt = performance.now();
  const runId = await run(client);
  const endedAt = performance.now();
  clearInterval(look);
  const cpu = Object.fromEntries(cpuOf().map(([name, now]) => [name, round(now - before[name])]));
  await client.connection.close();
  const summary = JSON.parse(fs.readFileSync(path.join(root, 'runs', runId, 'summary.json')));
  const { stored, failed } = summary.run;
  console.log(
    JSON.stringify({
      ...{
        startup: round((startedAt - beganAt) / 1_000),
        run: round((endedAt - startedAt) / 1_000),
      },
      ...{ cpu, mb: [round(most.own, 0), round(most.tree, 0)], stored, failed },
      ...(failed > 0 ? { codes: failuresOf(runId) } : {}),
    }),
  );
  if (failed > 0) process.exitCode = 3;
} finally {
  const ends = Object.values(workers).map((worker) => once(worker, 'exit'));
  for (const worker of Object.values(workers)) worker.kill('SIGINT');
  await Promise.all(ends);
  await stopServer(root);
}
