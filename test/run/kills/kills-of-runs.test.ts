/**
 * The other half of the kill matrix: the Temporal server, and runs that are cancelled, terminated
 * and reset.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  COUNT,
  LIMIT_MS,
  QUEUES,
  begin,
  endScene,
  expectWhole,
  expectWholeAfterSuccessor,
  noteCut,
  noteSilence,
  resetToBeforeDownloads,
  seeds,
  setRate,
  startRun,
} from '../../helpers/failures/kill-scene';

afterEach(endScene);

const MANY_CONTINUATIONS = { ARTEMIS_BATCH_SECONDS: '1', ARTEMIS_HISTORY_EVENTS: '40' };

describe.each(seeds)('seed %i', (seed) => {
  it(
    'kill -9 of the Temporal server, which starts again on its database, loses nothing',
    async () => {
      const at = await begin(seed, { hasOwnServer: true });
      await delay(at.moment());
      const { address } = at.pipeline.server();
      at.pipeline.killServer();
      // The workers wait for it. Standing by for the lock, `up` never gets as far as being ready.
      const up = at.pipeline.start('up');
      await up.says('standing by');
      // Another test's server may have taken the port in that moment: then the workers wait in
      // vain, and `up` takes over.
      if (at.pipeline.server().address !== address) {
        for (const queue of QUEUES) {
          at.workers[queue].kill('SIGKILL');
          await at.workers[queue].finished;
        }
        await noteCut(at);
      }
      await at.pipeline.when((run) => run.state === 'completed');
      noteSilence(at);
      await expectWhole(at);
    },
    LIMIT_MS,
  );

  it(
    'the next run continues from the disk when the Temporal server has lost its database',
    async () => {
      const at = await begin(seed, { hasOwnServer: true, apart: [] });
      await delay(at.moment());
      at.pipeline.killServer();
      for (const queue of QUEUES) {
        at.workers[queue].kill('SIGKILL');
        await at.workers[queue].finished;
      }
      await noteCut(at);
      fs.rmSync(path.join(at.pipeline.root, 'temporal'), { recursive: true });
      await at.pipeline.up();
      await startRun(at.pipeline, 'successor');
      await expectWholeAfterSuccessor(at);
    },
    LIMIT_MS,
  );

  it(
    'a run that is cancelled after its child continued as new flushes, and the next run fetches the rest',
    async () => {
      const at = await begin(seed, { apart: [], settings: MANY_CONTINUATIONS });
      await at.pipeline.when((run) => run.stored >= 150);
      // So slow that the images that are left take minutes: a run that is cancelled must not wait
      // for them, however slow the machine is.
      await setRate(at, 'held');
      await at.pipeline.temporal('workflow', 'cancel', '--workflow-id', 'killed');
      const { runId } = await at.pipeline.when((run) => run.state === 'cancelled');
      const { run, counts } = at.pipeline.summary(runId);
      expect(run.stored).toBeGreaterThanOrEqual(150);
      expect(run.stored).toBeLessThan(COUNT);
      expect(counts.stored).toBe(run.stored);
      await at.pipeline.expectVerified();
      await noteCut(at);
      await startRun(at.pipeline, 'successor');
      await expectWholeAfterSuccessor(at);
    },
    LIMIT_MS,
  );

  it(
    'the child of a terminated run still flushes, and the next run fetches the rest',
    async () => {
      const at = await begin(seed, { apart: [] });
      await delay(at.moment());
      await at.pipeline.temporal('workflow', 'terminate', '--workflow-id', 'killed');
      await noteCut(at);
      await startRun(at.pipeline, 'successor');
      await expectWholeAfterSuccessor(at);
    },
    LIMIT_MS,
  );

  it(
    'a run that is reset to before the download step fetches nothing again that is on disk',
    async () => {
      const at = await begin(seed, { apart: [] });
      await delay(at.moment());
      await resetToBeforeDownloads(at);
      await expectWhole(at);
    },
    LIMIT_MS,
  );
});
