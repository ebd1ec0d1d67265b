/**
 * `temporal workflow reset`, as an operator types it, for runs that have ended, are parked or are
 * under way, and for their downloads. kills-of-runs.test.ts resets a run to before its downloads.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { RunEntry } from '../../../src/contract/run-record';
import { cutNow, expectNothingInVain, type Cut } from '../../helpers/runs/fetched-again';
import { Pipeline } from '../../helpers/runs/pipeline';
import { eventBefore, resetToBefore, resetToEvent } from '../../helpers/runs/reset-run';
import { holdWarehouse } from '../../helpers/programs/warehouse-holder';

const SMALL = 20;
/**
 * More than SLOW fetches while the tests run, however slow the machine is. The last test lets the
 * run finish quickly.
 */
const COUNT = 600;
const SLOW = { default: { connections: 4, requestsPerSecond: 5 } };
const QUICK = { connections: 8, requestsPerSecond: 400 };

let pipeline: Pipeline;
const cuts: Cut[] = [];
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: 'artemis-resets' });
  await pipeline.up();
});
afterAll(() => pipeline.dispose());

function temporal(...words: readonly string[]): Promise<string> {
  return pipeline.temporal(...words);
}

async function start(workflowId: string, input: object): Promise<void> {
  await temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', 'artemis-resets-pipeline', '--input', JSON.stringify(input)],
  );
}

function ended(state: RunEntry['state'], workflowId: string): Promise<RunEntry> {
  return pipeline.when((run) => run.workflowId === workflowId && run.state === state);
}

/**
 * Checks that all records of the end of a run agree: summary.json, `etl_run` and the workflow's
 * result.
 */
async function expectOneEnd({ runId, workflowId }: RunEntry): Promise<void> {
  const { state, endedAt, counts } = pipeline.summary(runId);
  const rows = await pipeline.query(
    `SELECT state, strftime(ended_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS at FROM etl_run WHERE run_id = '${runId}'`,
  );
  expect(rows).toEqual([{ state, at: endedAt }]);
  const result = await temporal('workflow', 'result', '--workflow-id', workflowId, '-o', 'json');
  expect(JSON.parse(result)).toMatchObject({ result: { state, endedAt, counts } });
}

describe('a completed run', () => {
  it.each(['publish', 'child', 'ingest.parse'])(
    'reset to before %s is shown as running and ends again, and nothing is fetched again',
    async (command) => {
      if (command === 'publish')
        await start('tate', { catalog: await pipeline.writeCatalog(SMALL) });
      const first = await ended('completed', 'tate');
      const former = pipeline.summary(first.runId);
      const requests = pipeline.origin.requests().length;
      // The run cannot end before it has been observed.
      const holder = await holdWarehouse(pipeline.root);
      await resetToBefore(pipeline, 'tate', command);
      expect(await ended('running', 'tate')).toMatchObject({ runId: first.runId, cutOff: false });
      await holder.close();
      const again = await ended('completed', 'tate');
      expect(again).toMatchObject({ planned: SMALL, committed: SMALL });
      const { endedAt, counts, run } = pipeline.summary(first.runId);
      expect(endedAt > former.endedAt).toBe(true);
      expect({ counts, run }).toEqual({ counts: former.counts, run: former.run });
      await expectOneEnd(again);
      expect(pipeline.origin.requests()).toHaveLength(requests);
      await pipeline.expectVerified();
    },
  );

  it('stays ended when only its downloads are reset', async () => {
    const first = await ended('completed', 'tate');
    const former = pipeline.summary(first.runId);
    await temporal(
      ...['workflow', 'reset', '--workflow-id', 'tate-download', '--type', 'FirstWorkflowTask'],
      ...['--reason', 'test'],
    );
    await temporal('workflow', 'result', '--workflow-id', 'tate-download');
    expect(await pipeline.when(() => true)).toMatchObject({ state: 'completed', cutOff: false });
    expect(pipeline.summary(first.runId)).toEqual(former);
    await pipeline.expectVerified();
  });
});

describe('a run that is parked, or has failed', () => {
  it('starts again when the cause is fixed, and many at once by a query', async () => {
    const missing = { catalog: 'catalogs/later.csv', replace: true };
    await start('parked', missing);
    await ended('parked', 'parked');
    await start('failed', { ...missing, onStepFailure: 'fail' });
    const { runId } = await ended('failed', 'failed');
    expect(pipeline.summary(runId)).toMatchObject({ state: 'failed' });
    const given = path.join(pipeline.root, await pipeline.writeCatalog(SMALL));
    fs.copyFileSync(given, path.join(pipeline.root, missing.catalog));
    await resetToBefore(pipeline, 'parked', 'ingest.parse');
    await temporal(
      ...['workflow', 'reset', '--query', 'ArtemisState="failed"', '--yes', '--reason', 'fixed'],
      ...['--type', 'FirstWorkflowTask'],
    );
    const again = await ended('completed', 'failed');
    await expectOneEnd(again);
    const { runs } = await pipeline.status();
    expect(runs.map((run) => [run.workflowId, run.state])).toContainEqual(['parked', 'completed']);
  });
});

describe('a run that is under way, that was cancelled, that was aborted', () => {
  const stored = (count: number): Promise<RunEntry> =>
    pipeline.when(
      (run) => run.workflowId === 'work' && run.state === 'running' && run.stored >= count,
    );

  /** Between a reset and the next end there is no summary. */
  const hasEndedAfter = (runId: string, former: string): boolean =>
    fs.existsSync(path.join(pipeline.root, 'runs', runId, 'summary.json')) &&
    pipeline.summary(runId).endedAt > former;

  it('continues with its downloads when they are reset', async () => {
    await start('work', { catalog: await pipeline.writeCatalog(COUNT), hosts: SLOW });
    await stored(10);
    await temporal(
      ...['workflow', 'reset', '--workflow-id', 'work-download', '--type', 'FirstWorkflowTask'],
      ...['--reason', 'test'],
    );
    cuts.push(await cutNow(pipeline));
    // The new execution reports progress, which is not refused as older.
    await pipeline.when((run) => run.state === 'running' && run.committed >= 15);
  });

  it('continues where it stopped when it was cancelled and is reset', async () => {
    await temporal('workflow', 'cancel', '--workflow-id', 'work');
    await ended('cancelled', 'work');
    cuts.push(await cutNow(pipeline));
    await resetToBefore(pipeline, 'work', 'child');
    const { stored: before } = await stored(0);
    await stored(before + 5);
  });

  it('is aborted again when it was aborted and is reset, unless the update is left out', async () => {
    await temporal(
      ...['workflow', 'update', 'execute', '--workflow-id', 'work', '--name', 'abortRun'],
      ...['--input', '{"reason":"test"}'],
    );
    const { runId } = await ended('aborted', 'work');
    cuts.push(await cutNow(pipeline));
    const first = pipeline.summary(runId).endedAt;
    const event = await eventBefore(pipeline, 'work', 'child');
    await resetToEvent(pipeline, 'work', event);
    await pipeline.when((run) => run.state === 'aborted' && hasEndedAfter(runId, first));
    await resetToEvent(pipeline, 'work', event, '--reapply-exclude', 'Update');
    await pipeline.when((run) => run.workflowId === 'work' && run.state === 'running');
    await pipeline.setDefaultBudget('work', QUICK);
    const done = await ended('completed', 'work');
    expect(done.planned).toBe(done.committed);
    expect(pipeline.summary(runId).counts).toMatchObject({ images: COUNT, pending: 0 });
    await expectOneEnd(done);
    await pipeline.expectVerified();
    expectNothingInVain(pipeline, cuts);
  });
});
