/**
 * The obstacles in the way of the warehouse, one after another: `npm run obstacles`. OBSTACLE_PAIRS
 * pairs of workers are started at the same moment, and KILL_SEED moves the moments.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { writerState } from '../../../src/files/process/writer-state';
import {
  COUNT,
  LIMIT_MS,
  begin,
  endScene,
  expectWhole,
  noteCut,
  seeds,
  serve,
  startRun,
} from '../../helpers/failures/kill-scene';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';
import { holdWarehouse } from '../../helpers/programs/warehouse-holder';

const PAIRS = Number(process.env.OBSTACLE_PAIRS ?? 100);

afterEach(endScene);

function retryStep(pipeline: Pipeline, step: string): Promise<string> {
  return pipeline.temporal(
    ...['workflow', 'update', 'execute', '--workflow-id', 'killed'],
    ...['--name', 'retryStep', '--input', JSON.stringify({ step })],
  );
}

describe.each(seeds)('seed %i', (seed) => {
  it(
    'a stopped worker is reported with its pid and what to do, and the standby takes over when it has ended',
    async () => {
      const at = await begin(seed, { settings: { ARTEMIS_LATE_SECONDS: '2' } });
      await delay(at.moment());
      const stopped = at.workers.warehouse;
      stopped.kill('SIGSTOP');
      const standby = at.pipeline.start('worker', '--queues', 'warehouse');
      await standby.says(`kill -CONT ${stopped.pid}`);
      const words = `kill -CONT ${stopped.pid}`;
      await at.pipeline.when((run) => run.step?.detail?.includes(words) === true);
      expect(await at.pipeline.expectFine('status')).toContain(words);
      await at.pipeline.when((run) => run.stored + run.failed === COUNT);
      stopped.kill('SIGKILL');
      await standby.says('workers are ready');
      at.workers.warehouse = standby;
      await expectWhole(at);
    },
    2 * LIMIT_MS,
  );

  it(
    'a cancelled run neither waits for a worker that was stopped inside a commit nor parks',
    async () => {
      const at = await begin(seed, { settings: { ARTEMIS_LATE_SECONDS: '2' } });
      const { root } = at.pipeline;
      const stopped = at.workers.warehouse;
      while (writerState(root).warehouse?.pid !== stopped.pid) await delay(1);
      stopped.kill('SIGSTOP');
      await at.pipeline.temporal('workflow', 'cancel', '--workflow-id', 'killed');
      const { step } = await at.pipeline.when((run) => run.state === 'cancelled', 45);
      expect(step?.detail).toContain(`kill -CONT ${stopped.pid}`);
      stopped.kill('SIGCONT');
      await noteCut(at);
      await startRun(at.pipeline, 'successor');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'a missing worker is reported with the command that starts one',
    async () => {
      const at = await begin(seed, { settings: { ARTEMIS_LATE_SECONDS: '2' } });
      await delay(at.moment());
      at.workers.warehouse.kill('SIGKILL');
      await at.pipeline.when(
        (run) =>
          run.step?.detail?.includes('artemis-pipeline worker --queues warehouse --data') === true,
      );
      at.workers.warehouse = await serve(at.pipeline, 'warehouse');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'a run parks with db_locked when another program keeps the file open beyond the time limit, and retryStep completes it',
    async () => {
      const at = await begin(seed, {
        settings: {
          ARTEMIS_LATE_SECONDS: '2',
          ARTEMIS_LOCK_PATIENCE_SECONDS: '5',
        },
      });
      const holder = await holdWarehouse(at.pipeline.root);
      const heldAt = Date.now();
      const { step } = await at.pipeline.when((run) => run.state === 'parked');
      expect(Date.now() - heldAt).toBeGreaterThan(5_000);
      expect(step).toMatchObject({ name: 'download', state: 'parked', code: 'db_locked' });
      expect(step?.detail).toMatch(new RegExp(`PID ${holder.pid}.*waits no longer`));
      await holder.close();
      await retryStep(at.pipeline, 'download');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'downloads continue through several histories while another program keeps the file open',
    async () => {
      const at = await begin(seed, {
        settings: {
          ARTEMIS_LATE_SECONDS: '1',
          ARTEMIS_BATCH_SECONDS: '1',
          ARTEMIS_HISTORY_EVENTS: '40',
        },
      });
      const holder = await holdWarehouse(at.pipeline.root, 'READ_ONLY');
      const parksAt = async (): Promise<string | undefined> => {
        const { step } = await at.pipeline.when((run) => run.step?.code === 'db_locked');
        return /waits until (\S+),/.exec(step?.detail ?? '')?.[1];
      };
      const first = await parksAt();
      expect(first).toMatch(/^20.*Z$/);
      await at.pipeline.when((run) => run.stored + run.failed === COUNT);
      await delay(3_000);
      // The time limit belongs to the step, and not to one history.
      expect(await parksAt()).toBe(first);
      await holder.close();
      await expectWhole(at);
    },
    LIMIT_MS,
  );
});

describe('pairs of workers', () => {
  let pipeline: Pipeline;
  let up: Command;
  beforeAll(async () => {
    pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: 'artemis-pairs' });
    up = await pipeline.up();
    up.kill('SIGINT');
    await up.finished;
  }, 60_000);
  afterAll(() => pipeline.dispose());

  it(
    'two warehouse workers that start at the same moment: one serves, the other stands by',
    async () => {
      for (let pair = 1; pair <= PAIRS; pair += 1) {
        const two = [1, 2].map(() => pipeline.start('worker', '--queues', 'warehouse'));
        const said = await Promise.all(
          two.map((worker) =>
            Promise.race([
              worker.says('workers are ready').then(() => 'serves'),
              worker.says('standing by').then(() => 'stands by'),
            ]),
          ),
        );
        expect(said.sort()).toEqual(['serves', 'stands by']);
        const server = two.find((worker) => worker.stderr().includes('workers are ready'));
        expect(writerState(pipeline.root).writer?.pid).toBe(server?.pid);
        for (const worker of two) worker.kill('SIGKILL');
        await Promise.allSettled(two.map((worker) => worker.finished));
      }
    },
    PAIRS * 20_000,
  );
});
