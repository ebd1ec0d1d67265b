/**
 * The kill matrix: every kind of process is killed, stopped or ended in the middle of a run. Afterwards the run, or its
 * successor, has ended whole (`verify`), and the origin's log shows that nothing was fetched again that a ledger had.
 *
 * `npm run kills` repeats it at other moments, KILL_ROUNDS times from the seed KILL_SEED, and adds those of kills-more.long.ts.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { killDecodersOf } from '../helpers/decoders';
import { killAround } from '../helpers/kill-around-commit';
import {
  LIMIT_MS,
  QUEUES,
  begin,
  endScene,
  eventBeforeChild,
  expectWhole,
  replace,
  seeds,
  serve,
  startRun,
} from '../helpers/kill-scene';

afterEach(endScene);

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
    'the warehouse worker: kill -9 inside and after a commit, with a standby',
    async () => {
      const at = await begin(seed);
      for (const when of ['inside', 'after'] as const) {
        const standby = at.pipeline.start('worker', '--queues', 'warehouse');
        await standby.says('standing by');
        await killAround({
          when,
          warehouse: path.join(at.pipeline.root, 'warehouse.duckdb'),
          worker: at.workers.warehouse,
          insideMs: at.moment() % 60,
        });
        await standby.says('workers are ready');
        at.workers.warehouse = standby;
      }
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'the decoders: kill -9, again and again',
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
      await at.pipeline.expectFine(
        ...['temporal', 'workflow', 'reset', '--workflow-id', 'killed', '--reason', 'test'],
        ...['--event-id', await eventBeforeChild(at.pipeline, 'killed')],
      );
      at.orphans += 1;
      await expectWhole(at);
    },
    LIMIT_MS,
  );
});
