/** Batches are distributed over the download workers: no worker gets a whole burst of them. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { startLyingServer, type LyingServer } from '../../helpers/hosts/lying-server';
import { clientOf } from '../../helpers/runs/client-of';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';

const PREFIX = 'artemis-spread';
const LANES = 8;
/** From this number of images on, a host with one request per second has a lane of its own. */
const IMAGES = 101;

let mute: LyingServer;
let pipeline: Pipeline;
let client: Client;
const workers: Command[] = [];
beforeAll(async () => {
  mute = await startLyingServer({ listen: '0.0.0.0' });
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: PREFIX,
    ARTEMIS_ALLOW_PRIVATE_HOSTS: '127.0.0.0/8',
    ARTEMIS_ALLOWED_PORTS: String(mute.port),
  });
  client = await clientOf(pipeline);
  // Two of the workers serve only the download queue.
  for (const queues of ['pipeline,plan,warehouse', 'download', 'download']) {
    const worker = pipeline.start('worker', '--queues', queues);
    await worker.says('workers are ready');
    workers.push(worker);
  }
});
afterAll(async () => {
  await client.connection.close();
  await pipeline.dispose();
  await mute.close();
});

function writeCatalog(): string {
  const rows = Array.from({ length: LANES * IMAGES }, (_none, n) => {
    const host = `127.0.0.${2 + (n % LANES)}:${mute.port}`;
    mute.answer(`/${n}`, () => undefined);
    return `${n},http://${host}/${n}\n`;
  });
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  fs.writeFileSync(path.join(pipeline.root, 'catalogs/wide.csv'), `id,url\n${rows.join('')}`);
  return 'catalogs/wide.csv';
}

/** The number of batches of each worker, in descending order. */
async function batchesByWorker(workflowId: string): Promise<readonly number[]> {
  const { raw } = await client.workflow.getHandle(`${workflowId}-download`).describe();
  const counts = new Map<string, number>();
  for (const { activityType, lastWorkerIdentity } of raw.pendingActivities ?? []) {
    if (activityType?.name !== 'downloadBatch' || !lastWorkerIdentity) continue;
    counts.set(lastWorkerIdentity, (counts.get(lastWorkerIdentity) ?? 0) + 1);
  }
  return [...counts.values()].sort((a, b) => b - a);
}

it('each of two workers gets about half of the lanes of a run', async () => {
  await client.workflow.start('runPipeline', {
    workflowId: 'wide',
    taskQueue: `${PREFIX}-pipeline`,
    args: [
      { catalog: writeCatalog(), hosts: { default: { connections: 1, requestsPerSecond: 1 } } },
    ],
  });
  let counts: readonly number[] = [];
  while (counts.reduce((sum, count) => sum + count, 0) < LANES) {
    await delay(100);
    counts = await batchesByWorker('wide').catch(() => []);
  }
  expect(counts).toHaveLength(2);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(LANES / 2 - 1);
});

it('the two workers end without an error', async () => {
  for (const worker of workers) worker.kill('SIGTERM');
  for (const { finished } of workers) {
    const { code, stderr } = await finished;
    expect(code).toBe(0);
    // The level "error" of pino.
    expect(stderr).not.toContain('"level":50');
  }
});
