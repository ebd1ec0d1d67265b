/**
 * An obstacle in the way of the warehouse: commits wait, downloads continue, and the details,
 * `status` and `run` say what to do.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';
import { until } from '../../helpers/until';
import { holdWarehouse } from '../../helpers/programs/warehouse-holder';

const COUNT = 300;
const HOSTS = { default: { connections: 8, requestsPerSecond: 60 } };

let pipeline: Pipeline;
let up: Command;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: 'artemis-obstacles',
    ARTEMIS_LATE_SECONDS: '2',
  });
  up = await pipeline.up();
});
afterAll(() => pipeline.dispose());

async function start(workflowId: string, count: number): Promise<void> {
  const input = JSON.stringify({ catalog: await pipeline.writeCatalog(count), hosts: HOSTS });
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', 'artemis-obstacles-pipeline', '--input', input],
  );
}

/** Current details, as the Web UI shows them. */
function details(workflowId: string): Promise<string> {
  return pipeline.temporal('workflow', 'metadata', '--workflow-id', workflowId);
}

/** Processes that poll the warehouse's queue, as Temporal sees them. */
async function pollers(): Promise<readonly string[]> {
  const told = await pipeline.temporal(
    ...['task-queue', 'describe', '--task-queue', 'artemis-obstacles-warehouse'],
    ...['--task-queue-type', 'activity', '--output', 'json'],
  );
  return [...told.matchAll(/"identity": *"(\d+)@/g)].map(([, pid]) => pid ?? '');
}

async function detailsName(workflowId: string, words: string): Promise<void> {
  let last = '';
  const look = async (): Promise<boolean> => {
    last = await details(workflowId);
    return last.includes(words);
  };
  await until(look, { within: 150, every: 250, saying: () => `${words} in the details: ${last}` });
}

describe('a second warehouse worker', () => {
  it('stands by without polling, reports the holder of the lock and since when, and ends on Ctrl-C', async () => {
    const standby = pipeline.start('worker', '--queues', 'warehouse');
    await standby.says(`holds the writer lock, pid ${up.pid} (`);
    expect(standby.stderr()).toMatch(/since 20\S+Z/);
    // Two more attempts to take the lock.
    await delay(2_500);
    expect(await pollers()).toEqual([String(up.pid)]);
    expect(await pipeline.expectFine('status')).toContain(
      `warehouse.lock is held by pid ${up.pid}`,
    );
    standby.kill('SIGINT');
    expect((await standby.finished).code).toBe(0);
  });
});

describe('while another program has the warehouse open', () => {
  it('downloads continue, the program is reported, and everything is committed when it has ended', async () => {
    const catalog = path.join('data', await pipeline.writeCatalog(COUNT));
    const input = JSON.stringify({ hosts: HOSTS });
    const run = pipeline.start('run', catalog, '--workflow-id', 'locked', '--input', input);
    await pipeline.when(({ stored }) => stored >= 60);
    const holder = await holdWarehouse(pipeline.root);
    const pid = `PID ${holder.pid}`;
    const told = await pipeline.when(({ step }) => step?.detail?.includes(pid) === true);
    expect(told).toMatchObject({ state: 'running', step: { state: 'running', code: 'db_locked' } });
    expect(told.step?.detail).toMatch(/node.*Close that program.*The step waits until 20/);
    await run.says(pid);
    await detailsName('locked', pid);
    await detailsName('locked-download', pid);
    expect(await pipeline.expectFine('status', 'locked')).toMatch(
      new RegExp(`db_locked: .*${pid}[^]*locked by pid ${holder.pid} .*commits wait`),
    );
    // Every image is fetched, and the last ones are not committed.
    const fetched = await pipeline.when(({ stored, failed }) => stored + failed === COUNT);
    expect(fetched.committed).toBe(told.committed);
    await holder.close();
    expect((await run.finished).code).toBe(3);
    expect(pipeline.summary(told.runId).counts).toMatchObject({ images: COUNT, pending: 0 });
    await pipeline.expectVerified();
    expect((await pipeline.status()).runs[0]?.step).toMatchObject({ code: null, detail: null });
    expect(await details('locked')).not.toContain(pid);
    // The worker tried many times, and its log reports that once.
    expect(up.stderr().split(pid)).toHaveLength(2);
    expect(up.stderr()).toContain('ours again');
  });

  it('a run that is cancelled ends although the program has not, and the next run commits what it could not', async () => {
    await start('cancelled', 2 * COUNT);
    await pipeline.when((run) => run.workflowId === 'cancelled' && run.stored >= 100);
    const holder = await holdWarehouse(pipeline.root, 'READ_ONLY');
    // A commit waits for the holder by then, so that what `status` calls committed is all there is:
    // right after the holder opened the file, a commit that ended just before may not be counted.
    const fetched = await pipeline.when(
      ({ step, stored, committed }) =>
        step?.detail?.includes(`PID ${holder.pid}`) === true && stored > committed + 60,
    );
    await pipeline.temporal('workflow', 'cancel', '--workflow-id', 'cancelled');
    const ended = await pipeline.when((run) => run.state === 'cancelled');
    expect(ended.step?.detail).toMatch(/Not everything could be committed.*the next run commits/);
    expect(ended.stored).toBeLessThan(fetched.stored);
    await holder.close();
    const before = pipeline.origin.requests().length;
    await start('next', 2 * COUNT);
    const { runId } = await pipeline.when(
      (run) => run.workflowId === 'next' && run.state === 'completed',
    );
    const { run, counts } = pipeline.summary(runId);
    expect(counts).toMatchObject({ images: 2 * COUNT, pending: 0 });
    // The outcomes were recovered from the ledgers, and the images not fetched again.
    expect(run.planned).toBeLessThan(2 * COUNT - fetched.stored);
    expect(pipeline.origin.requests().length - before).toBeLessThan(COUNT);
    await pipeline.expectVerified();
  });
});
