/**
 * The kill matrix: every kind of process is killed, stopped or ended in the middle of a run. Afterwards the run, or its
 * successor, has ended whole (`verify`), and the origin's log shows that nothing was fetched again that a ledger had.
 *
 * `npm run kills` repeats it at other moments: KILL_ROUNDS times, from the seed KILL_SEED.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { misbehaviourOf } from '../../src/demo/misbehaviour';
import { Pipeline, type Command } from '../helpers/pipeline';

const COUNT = 400;
const HOSTS = { default: { connections: 8, requestsPerSecond: 60 } };
const ROUNDS = Number(process.env.KILL_ROUNDS ?? 1);
const SEED = Number(process.env.KILL_SEED ?? 1);
const LIMIT_MS = 180_000;

type Queue = 'pipeline' | 'plan' | 'download' | 'warehouse';
const QUEUES: readonly Queue[] = ['pipeline', 'plan', 'download', 'warehouse'];

/** A run under way, each queue served by a process of its own. */
interface Scene {
  readonly pipeline: Pipeline;
  readonly workers: Record<Queue, Command>;
  /** A moment within the download that follows from the seed alone. **Units** ms. */
  readonly moment: () => number;
  /** Executions that were cut off with requests in flight. */
  cuts: number;
  /** Batches whose workflow was taken away. */
  orphans: number;
}

let scene: Scene | null = null;
afterEach(async () => {
  await scene?.pipeline.dispose();
  scene = null;
});

async function begin(
  seed: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<Scene> {
  const prefix = 'artemis-kills';
  const pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: prefix, ...settings });
  let state = seed;
  const moment = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return 200 + ((state >>> 8) % 2_500);
  };
  scene = { pipeline, workers: {} as Record<Queue, Command>, moment, cuts: 0, orphans: 0 };
  const up = await pipeline.up();
  up.kill('SIGINT');
  await up.finished;
  for (const queue of QUEUES) scene.workers[queue] = await serve(pipeline, queue);
  await startRun(pipeline, 'killed');
  await pipeline.when((run) => run.stored >= 40);
  return scene;
}

async function serve(pipeline: Pipeline, queue: Queue): Promise<Command> {
  const command = pipeline.start('worker', '--queues', queue);
  await command.says('workers are ready');
  return command;
}

async function startRun(pipeline: Pipeline, workflowId: string): Promise<void> {
  const catalog = await pipeline.writeCatalog(COUNT);
  await pipeline.expectFine(
    ...['temporal', 'workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', 'artemis-kills-pipeline'],
    ...['--input', JSON.stringify({ catalog, hosts: HOSTS })],
  );
}

async function replace(at: Scene, queue: Queue, signal: NodeJS.Signals): Promise<void> {
  await delay(at.moment());
  at.workers[queue].kill(signal);
  await at.workers[queue].finished;
  if (queue === 'download') at.cuts += 1;
  at.workers[queue] = await serve(at.pipeline, queue);
}

/** Everything that must hold when the dust has settled. */
async function expectWhole({ pipeline, cuts, orphans }: Scene): Promise<void> {
  const { runId } = await pipeline.when((run) => run.state === 'completed', 120);
  expect(pipeline.summary(runId).counts).toMatchObject({ images: COUNT, pending: 0 });
  await pipeline.expectFine('verify', '--deep');
  const asked = new Map<string, number>();
  for (const id of pipeline.origin.requests()) asked.set(id, (asked.get(id) ?? 0) + 1);
  const again = [...asked].filter(([id, n]) => n > (misbehaviourOf(id).endsWith('_once') ? 2 : 1));
  // A cut loses at most what was in flight, and what a batch fetches until it hears that it was given up: 2 s.
  const { connections, requestsPerSecond } = HOSTS.default;
  expect(again.length).toBeLessThanOrEqual(cuts * connections + orphans * 2 * requestsPerSecond);
  const before = pipeline.origin.requests().length;
  const next = await pipeline.run('run', path.join('data', `catalogs/tate_${COUNT}.csv`));
  expect(next.stderr).toContain('of 0 planned; 0 requests');
  expect(pipeline.origin.requests()).toHaveLength(before);
}

const seeds = Array.from({ length: ROUNDS }, (_, round) => SEED + round);

describe.each(seeds)('seed %i', (seed) => {
  it(
    'the download worker: kill -9 twice',
    async () => {
      const at = await begin(seed);
      await replace(at, 'download', 'SIGKILL');
      await replace(at, 'download', 'SIGKILL');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'the download worker: SIGTERM hands over at once',
    async () => {
      const at = await begin(seed);
      await replace(at, 'download', 'SIGTERM');
      const handedOverAt = Date.now();
      const { stored } = await at.pipeline.when(() => true);
      await at.pipeline.when((run) => run.stored > stored + 20 || run.state === 'completed');
      // Not after the heartbeat timeout of 15 s.
      expect(Date.now() - handedOverAt).toBeLessThan(12_000);
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'the download worker: stopped for longer than its heartbeat, continued beside its successor',
    async () => {
      const at = await begin(seed);
      const zombie = at.workers.download;
      await delay(at.moment());
      zombie.kill('SIGSTOP');
      at.cuts += 1;
      at.workers.download = await serve(at.pipeline, 'download');
      // Its batch has timed out by now, and its successor may have been handed to its own waiting poll.
      await delay(20_000);
      zombie.kill('SIGCONT');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'the warehouse worker: kill -9 three times, with a standby',
    async () => {
      const at = await begin(seed);
      for (let turn = 0; turn < 3; turn += 1) {
        const standby = at.pipeline.start('worker', '--queues', 'warehouse');
        await standby.says('standing by');
        await delay(at.moment());
        at.workers.warehouse.kill('SIGKILL');
        await at.workers.warehouse.finished;
        await standby.says('workers are ready');
        at.workers.warehouse = standby;
      }
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'the workers for plan and workflows: kill -9',
    async () => {
      const at = await begin(seed);
      await replace(at, 'pipeline', 'SIGKILL');
      await replace(at, 'plan', 'SIGKILL');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'the Temporal server: kill -9, started again on its database',
    async () => {
      const at = await begin(seed);
      await delay(at.moment());
      const { address } = at.pipeline.server();
      at.pipeline.killServer();
      // The workers wait for it. Standing by for the lock, `up` never gets as far as being ready.
      const up = at.pipeline.start('up');
      await up.says('standing by');
      // Another test's server may have taken the port in that moment: then the workers wait in vain, and `up` takes over.
      if (at.pipeline.server().address !== address) {
        for (const queue of QUEUES) {
          at.workers[queue].kill('SIGKILL');
          await at.workers[queue].finished;
        }
        at.cuts += 1;
      }
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'the Temporal server, and its database is lost: the next run goes on from the disk',
    async () => {
      const at = await begin(seed);
      await delay(at.moment());
      at.pipeline.killServer();
      for (const queue of QUEUES) {
        at.workers[queue].kill('SIGKILL');
        await at.workers[queue].finished;
      }
      at.cuts += 1;
      fs.rmSync(path.join(at.pipeline.root, 'temporal'), { recursive: true });
      await at.pipeline.up();
      await startRun(at.pipeline, 'successor');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'cancelled after its child continued as new: flushed, and the next fetches the rest',
    async () => {
      const at = await begin(seed, { ARTEMIS_BATCH_SECONDS: '1', ARTEMIS_HISTORY_EVENTS: '40' });
      await at.pipeline.when((run) => run.stored >= 150);
      await at.pipeline.expectFine('temporal', 'workflow', 'cancel', '--workflow-id', 'killed');
      const cancelledAt = Date.now();
      const { runId } = await at.pipeline.when((run) => run.state === 'cancelled');
      expect(Date.now() - cancelledAt).toBeLessThan(8_000);
      const { run, counts } = at.pipeline.summary(runId);
      expect(run.stored).toBeGreaterThanOrEqual(150);
      expect(counts.stored).toBe(run.stored);
      await at.pipeline.expectFine('verify', '--deep');
      at.cuts += 1;
      await startRun(at.pipeline, 'successor');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'terminated: its child still flushes, and the next fetches the rest',
    async () => {
      const at = await begin(seed);
      await delay(at.moment());
      await at.pipeline.expectFine('temporal', 'workflow', 'terminate', '--workflow-id', 'killed');
      at.orphans += 1;
      await startRun(at.pipeline, 'successor');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'reset to before the download step: what is on disk is not fetched again',
    async () => {
      const at = await begin(seed);
      await delay(at.moment());
      const list = await at.pipeline.expectFine(
        ...['temporal', 'workflow', 'show', '--workflow-id', 'killed', '--output', 'json'],
      );
      const { events } = JSON.parse(list) as {
        events: { readonly eventId: string; readonly eventType: string }[];
      };
      const child = events.findIndex(({ eventType }) => eventType.includes('START_CHILD_WORKFLOW'));
      const before = events
        .slice(0, child)
        .findLast(
          ({ eventType }) => eventType.endsWith('TASK_COMPLETED') && eventType.includes('WORKFLOW'),
        );
      await at.pipeline.expectFine(
        ...['temporal', 'workflow', 'reset', '--workflow-id', 'killed', '--reason', 'test'],
        ...['--event-id', before?.eventId ?? ''],
      );
      at.orphans += 1;
      await expectWhole(at);
    },
    LIMIT_MS,
  );
});
