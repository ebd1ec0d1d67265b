/**
 * The kill matrix, workers: every kind of them is killed, stopped or ended in the middle of a run.
 * Afterwards the run, or its successor, has ended whole (`verify`), and the origin's log shows that
 * nothing was fetched again that a ledger had.
 *
 * `npm run kills` repeats it at other moments, KILL_ROUNDS times from the seed KILL_SEED, and adds
 * those of kills-more.long.ts.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { killAround } from '../../helpers/failures/kill-around-commit';
import {
  LIMIT_MS,
  begin,
  endScene,
  expectWhole,
  noteCut,
  replace,
  seeds,
  serve,
  setRate,
} from '../../helpers/failures/kill-scene';

afterEach(endScene);

describe.each(seeds)('seed %i', (seed) => {
  it(
    'two kill -9 of the download worker lose nothing',
    async () => {
      const at = await begin(seed, { apart: ['download'] });
      await replace(at, 'download', 'SIGKILL');
      await replace(at, 'download', 'SIGKILL');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'a download worker that is stopped for longer than its heartbeat, and continues beside its successor, harms nothing',
    async () => {
      const at = await begin(seed, { apart: ['download'] });
      const zombie = at.workers.download;
      await delay(at.moment());
      zombie.kill('SIGSTOP');
      await noteCut(at);
      at.workers.download = await serve(at.pipeline, 'download');
      // Its batch has timed out by now, and its successor may have been handed to its own waiting
      // poll.
      await delay(20_000);
      zombie.kill('SIGCONT');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'kill -9 of the warehouse worker inside and after a commit, with a standby, loses nothing',
    async () => {
      const at = await begin(seed, { apart: ['warehouse'] });
      // Or its last commit might come before the second standby.
      await setRate(at, 'held');
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
      await setRate(at, 'quick');
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'kill -9 of the workers for plan and workflows loses nothing',
    async () => {
      const at = await begin(seed, { apart: ['pipeline', 'plan'] });
      await replace(at, 'pipeline', 'SIGKILL');
      await replace(at, 'plan', 'SIGKILL');
      await expectWhole(at);
    },
    LIMIT_MS,
  );
});
