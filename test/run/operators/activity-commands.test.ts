/**
 * Runs `temporal activity pause | unpause | reset | update-options`, as an operator types them, on
 * activities of every kind.
 */
import type { RunEntry } from '../../../src/contract/run-record';
import { cutNow, expectNothingInVain } from '../../helpers/runs/fetched-again';
import { pendingWhen, type PendingActivity } from '../../helpers/runs/pending-activities';
import { Pipeline } from '../../helpers/runs/pipeline';
import { holdWarehouse } from '../../helpers/programs/warehouse-holder';

/**
 * More than SLOW fetches while the tests run, however slow the machine is. The last test lets the
 * run finish quickly.
 */
const COUNT = 600;
const SLOW = { default: { connections: 4, requestsPerSecond: 4 } };
const QUICK = { connections: 8, requestsPerSecond: 400 };

/**
 * Commits hold the lock of the warehouse for at most 1 % of the time. On a busy machine, where one
 * holds it for seconds, the next one follows minutes later.
 */
const LONGEST_COMMIT_SECONDS = 900;
const WITH_LONGEST_COMMIT_MS = 1_000 * (LONGEST_COMMIT_SECONDS + 300);

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: 'artemis-activities',
    ARTEMIS_LATE_SECONDS: '2',
  });
});
afterAll(() => pipeline.dispose());

function temporal(...words: readonly string[]): Promise<string> {
  return pipeline.temporal(...words);
}

async function start(workflowId: string): Promise<void> {
  const input = { catalog: await pipeline.writeCatalog(COUNT), hosts: SLOW };
  await temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', 'artemis-activities-pipeline', '--input', JSON.stringify(input)],
  );
}

function command(
  name: 'pause' | 'unpause' | 'reset' | 'update-options',
  workflowId: string,
  { activityId }: Pick<PendingActivity, 'activityId'>,
  ...flags: readonly string[]
): Promise<string> {
  return temporal(
    ...['activity', name, '--workflow-id', workflowId, '--activity-id', activityId, ...flags],
  );
}

const isPaused = ({ state, paused }: PendingActivity): boolean =>
  paused === true && state.endsWith('PAUSED');

const ofType =
  (name: string) =>
  ({ activityType }: PendingActivity): boolean =>
    activityType.name === name;

const settled = (run: RunEntry): number => run.stored + run.failed;

it('the first activity waits when it is paused before a worker took it, and continues after unpause', async () => {
  const workflows = pipeline.start('worker', '--queues', 'pipeline');
  await workflows.says('workers are ready');
  await start('tate');
  const open = await pendingWhen(pipeline, 'tate', ofType('openRun'));
  await command('pause', 'tate', open, '--reason', 'test');
  const others = pipeline.start('worker', '--queues', 'plan,download,warehouse');
  await others.says('workers are ready');
  await pendingWhen(pipeline, 'tate', isPaused);
  expect((await pipeline.status()).runs).toEqual([]);
  await command('unpause', 'tate', open);
  await pipeline.when((run) => run.stored >= 5);
});

it(
  'a batch that is paused while images arrive closes its ledger and keeps its details, and continues after unpause',
  async () => {
    const batch = await pendingWhen(pipeline, 'tate-download', ofType('downloadBatch'));
    await command('pause', 'tate-download', batch, '--reason', 'the museum called');
    const paused = await pendingWhen(pipeline, 'tate-download', isPaused);
    const cut = await cutNow(pipeline);
    const before = settled(await pipeline.when(() => true));
    expect(paused.heartbeatDetails).toMatchObject([{ failures: 0 }]);
    expect(JSON.stringify(paused.heartbeatDetails)).toMatch(/"stored":[1-9]/);
    // Everything that was fetched is committed while the activity is paused, and nothing else is
    // fetched.
    const committed = await pipeline.when(
      (run) => run.committed === settled(run),
      LONGEST_COMMIT_SECONDS,
    );
    expect(settled(committed)).toBe(before);
    expect(pipeline.origin.requests()).toHaveLength(cut.requests);
    const told = await pipeline.when(({ step }) => step?.detail?.includes('is paused') === true);
    expect(told.step?.detail).toContain(`${batch.activityId} (downloadBatch) is paused`);
    await command('update-options', 'tate-download', batch, '--heartbeat-timeout', '7s');
    await command('unpause', 'tate-download', batch);
    const again = await pendingWhen(pipeline, 'tate-download', ofType('downloadBatch'));
    expect(again.activityOptions?.heartbeatTimeout).toBe('7s');
    await pipeline.when((run) => settled(run) > before);
    await command('reset', 'tate-download', batch);
    const reset = await cutNow(pipeline);
    await pipeline.when((run) => settled(run) > before + 5);
    expectNothingInVain(pipeline, [cut, reset]);
  },
  WITH_LONGEST_COMMIT_MS,
);

it('a paused write is reported with the command that resumes it, and keeps its counters', async () => {
  await pipeline.setDefaultBudget('tate', QUICK);
  await temporal('workflow', 'result', '--workflow-id', 'tate');
  const holder = await holdWarehouse(pipeline.root);
  await start('paused');
  const merge = await pendingWhen(
    pipeline,
    'paused',
    ({ activityType, heartbeatDetails }) =>
      activityType.name === 'mergeCatalog' &&
      /"waitingSince":\d/.test(JSON.stringify(heartbeatDetails)),
  );
  await command('pause', 'paused', merge, '--reason', 'backup');
  await holder.close();
  const told = await pipeline.when(({ step }) => step?.detail?.includes('is paused') === true);
  expect(told).toMatchObject({ state: 'running', step: { name: 'ingest', code: null } });
  expect(told.step?.detail).toContain('(backup)');
  await command('reset', 'paused', merge, '--keep-paused');
  const kept = await pendingWhen(pipeline, 'paused', isPaused);
  expect(kept.heartbeatDetails).toEqual(merge.heartbeatDetails);
  // Without them its time limit starts again, because the server removes them when the activity
  // continues.
  await command('reset', 'paused', merge, '--keep-paused', '--clear-heartbeat-details');
  // The command as the details show it.
  const words =
    /temporal (activity unpause --workflow-id \S+ --activity-id \S+)/.exec(
      told.step?.detail ?? '',
    )?.[1] ?? '';
  await temporal(...words.split(' '));
  await temporal('workflow', 'result', '--workflow-id', 'paused');
  const ended = await pipeline.when((run) => run.state === 'completed');
  expect(pipeline.summary(ended.runId).counts).toMatchObject({ images: COUNT, pending: 0 });
  await pipeline.expectVerified();
});
