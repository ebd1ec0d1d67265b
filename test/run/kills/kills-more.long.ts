/** The part of the kill matrix that `npm test` has no time for: `npm run kills`. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { killDecodersOf } from '../../helpers/runs/decoders';
import { killAround } from '../../helpers/failures/kill-around-commit';
import {
  LIMIT_MS,
  QUEUES,
  begin,
  endScene,
  expectWhole,
  noteCut,
  resetToBeforeDownloads,
  replace,
  seeds,
  serve,
  startRun,
} from '../../helpers/failures/kill-scene';

afterEach(endScene);

const MOVED_CLOCK = path.join(__dirname, '../../helpers/failures/moved-clock.cjs');
const MANY_CONTINUATIONS = { ARTEMIS_BATCH_SECONDS: '1', ARTEMIS_HISTORY_EVENTS: '40' };

describe.each(seeds)('seed %i', (seed) => {
  it(
    'kill -9 of the warehouse worker when it opens the file, without a standby, loses nothing',
    async () => {
      const at = await begin(seed);
      const warehouse = path.join(at.pipeline.root, 'warehouse.duckdb');
      await killAround({ when: 'before', warehouse, worker: at.workers.warehouse, insideMs: 0 });
      at.workers.warehouse = await serve(at.pipeline, 'warehouse');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'SIGTERM of the download worker hands over at once',
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
    'kill -9 of the decoders, again and again, loses nothing',
    async () => {
      const at = await begin(seed);
      let killed = 0;
      for (let turn = 0; turn < 3; turn += 1) {
        // Far enough apart that an image gets its second chance.
        await delay(1_000 + at.moment() / 4);
        killed += killDecodersOf(at.workers.download.pid);
      }
      expect(killed).toBeGreaterThan(0);
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it.each(['warehouse', 'plan', 'pipeline'] as const)(
    'SIGTERM of the %s worker loses nothing',
    async (queue) => {
      const at = await begin(seed);
      await replace(at, queue, 'SIGTERM');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it.each(['warehouse', 'plan', 'pipeline'] as const)(
    'a %s worker that is stopped for 25 s and continued loses nothing',
    async (queue) => {
      const at = await begin(seed);
      await delay(at.moment());
      at.workers[queue].kill('SIGSTOP');
      await delay(25_000);
      at.workers[queue].kill('SIGCONT');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it.each([3_600_000, -3_600_000])(
    'nothing is lost when the clock of every worker jumps by %i ms',
    async (jump) => {
      const at = await begin(seed, {
        settings: {
          NODE_OPTIONS: `--require ${MOVED_CLOCK}`,
          CLOCK_MOVE_MS: String(jump),
        },
      });
      for (const queue of QUEUES) {
        await delay(at.moment() / 4);
        at.workers[queue].kill('SIGUSR2');
      }
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'a run that is terminated after its child continued as new is completed by the next one',
    async () => {
      const at = await begin(seed, { settings: MANY_CONTINUATIONS });
      await at.pipeline.when((run) => run.stored >= 150);
      await at.pipeline.temporal('workflow', 'terminate', '--workflow-id', 'killed');
      await noteCut(at);
      await startRun(at.pipeline, 'successor');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'a run that is reset to before the download step after its child continued as new completes',
    async () => {
      const at = await begin(seed, { settings: MANY_CONTINUATIONS });
      await at.pipeline.when((run) => run.stored >= 150);
      await resetToBeforeDownloads(at);
      await expectWhole(at);
    },
    LIMIT_MS,
  );
});
