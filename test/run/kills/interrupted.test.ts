/** Runs that are killed and cancelled in the middle. */
import path from 'node:path';
import { listLedgers } from '../../../src/files/ledger/ledger-reader';
import { cutNow, expectNothingInVain } from '../../helpers/runs/fetched-again';
import { Pipeline } from '../../helpers/runs/pipeline';
import { describeUnlessQuick } from '../../helpers/suites/quick-tier';

/** Slow enough to be interrupted in the middle. */
const HOSTS = { default: { connections: 8, requestsPerSecond: 60 } };
const COUNT = 300;

let pipeline: Pipeline;
let catalog: string;
beforeEach(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: 'artemis-kill' });
  catalog = await pipeline.writeCatalog(COUNT);
});
afterEach(() => pipeline.dispose());

async function stored(): Promise<number> {
  const [row] = await pipeline.query<{ readonly count: string | number }>(
    `SELECT count(*) AS count FROM image WHERE state = 'stored'`,
  );
  return Number(row?.count);
}

async function failed(): Promise<number> {
  const [row] = await pipeline.query<{ readonly count: string | number }>(
    `SELECT count(*) AS count FROM image WHERE state = 'failed'`,
  );
  return Number(row?.count);
}

describe('a run whose only worker process is killed', () => {
  it('continues and completes when workers are started again', async () => {
    const first = await pipeline.up();
    const input = JSON.stringify({ catalog, hosts: HOSTS });
    await pipeline.temporal(
      ...['workflow', 'start', '--type', 'runPipeline'],
      ...['--task-queue', 'artemis-kill-pipeline', '--workflow-id', 'killed', '--input', input],
    );
    const before = await pipeline.when((run) => run.stored >= 80);
    first.kill('SIGKILL');
    await first.finished;
    const cut = await cutNow(pipeline);
    const second = await pipeline.up();
    const ended = await pipeline.when((run) => run.state === 'completed');
    expect(ended.runId).toBe(before.runId);
    const { run, counts } = pipeline.summary(ended.runId);
    expect(run.planned).toBe(COUNT);
    expect(run.stored + run.failed).toBe(COUNT);
    expect(counts).toMatchObject({ images: COUNT, pending: 0 });
    expect(await stored()).toBe(run.stored);
    expect(await failed()).toBe(run.failed);
    expectNothingInVain(pipeline, [cut]);
    await pipeline.expectVerified();
    second.kill('SIGINT');
    expect((await second.finished).code).toBe(0);
  });
});

describeUnlessQuick('Ctrl-C twice in the middle of run', () => {
  it('ends the command at once, the next workers end the cancelled run, and the next run fetches only the rest', async () => {
    const words = ['run', path.join('data', catalog), '--input', JSON.stringify({ hosts: HOSTS })];
    const first = pipeline.start(...words);
    await pipeline.when((run) => run.stored >= 80);
    first.kill('SIGINT');
    await first.says('cancelling');
    first.kill('SIGINT');
    expect((await first.finished).code).toBe(130);
    // The command has not waited for the cancelled run to end, because the workers that would end
    // it have stopped with it.
    expect(await pipeline.when(() => true)).toMatchObject({ state: 'running' });
    const cuts = [await cutNow(pipeline)];

    await pipeline.up();
    const cancelled = await pipeline.when((run) => run.state === 'cancelled');
    // If workers start late, the server has given the dead batch to a successor before the workflow
    // receives the cancellation. That attempt was cut off too.
    const executions = listLedgers({ root: pipeline.root, runId: cancelled.runId }).length;
    expect(executions).toBeLessThanOrEqual(2);
    if (executions === 2) cuts.push(await cutNow(pipeline));
    expect(pipeline.summary(cancelled.runId).run.stored).toBeGreaterThanOrEqual(80);
    expect((await pipeline.run(...words)).code).toBe(3);
    const next = pipeline.summary((await pipeline.status()).runs[0]?.runId ?? '');
    expect(next.counts).toMatchObject({ pending: 0, images: COUNT });
    await pipeline.expectVerified();
    expectNothingInVain(pipeline, cuts);
  });
});

describe('Ctrl-C in the middle of run', () => {
  it('commits what was downloaded and cancels the run, and the next run fetches only the rest', async () => {
    const words = ['run', path.join('data', catalog), '--input', JSON.stringify({ hosts: HOSTS })];
    const first = pipeline.start(...words);
    await pipeline.when((run) => run.stored >= 80);
    first.kill('SIGINT');
    const { code, stderr } = await first.finished;
    const cut = await cutNow(pipeline);
    expect(code).toBe(7);
    expect(stderr).toContain('cancelled after');
    const [cancelled] = (await pipeline.status()).runs;
    expect(cancelled).toMatchObject({ state: 'cancelled', cutOff: false });
    const summary = pipeline.summary(cancelled?.runId ?? '');
    expect(summary.state).toBe('cancelled');
    expect(summary.run.stored).toBeGreaterThanOrEqual(80);
    expect(summary.counts.stored).toBe(summary.run.stored);
    expect(summary.run.requests).toBe(cut.requests);
    expect(await stored()).toBe(summary.run.stored);

    await pipeline.expectVerified();

    const rest = await pipeline.run(...words);
    expect(rest.code).toBe(3);
    const next = pipeline.summary((await pipeline.status()).runs[0]?.runId ?? '');
    expect(next.run.planned).toBe(COUNT - summary.run.stored - summary.run.failed);
    expect(next.counts).toMatchObject({ pending: 0, images: COUNT });
    await pipeline.expectVerified();
    expectNothingInVain(pipeline, [cut]);
  });
});
