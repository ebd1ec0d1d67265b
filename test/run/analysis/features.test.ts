/**
 * The step `features` in whole runs: steered while no worker computes, then done, then nothing
 * left.
 */
import path from 'node:path';
import type { RunEntry } from '../../../src/contract/run-record';
import { Pipeline, type Finished } from '../../helpers/runs/pipeline';

const COUNT = 40;
const STEPS = 'features,publish';

interface FeatureRow {
  readonly id: string;
  readonly version: number;
  readonly colour: string;
}

let pipeline: Pipeline;
let catalog: string;
let stored: number;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_LATE_SECONDS: '2' });
  catalog = path.join('data', await pipeline.writeCatalog(COUNT));
  // A run that computes features brings its own worker for them along.
  const worker = pipeline.start('worker', '--queues', 'pipeline,plan,download,warehouse');
  await worker.says('workers are ready');
  const first = await pipeline.run('run', catalog);
  expect(first.code).toBeLessThanOrEqual(3);
  const [run] = (await pipeline.status()).runs;
  stored = run?.stored ?? 0;
}, 180_000);
afterAll(() => pipeline.dispose());

function runFeatures(): Promise<Finished> {
  return pipeline.run('run', catalog, '--steps', STEPS, '--workflow-id', 'features');
}

function update(name: string, input: object | null = null): Promise<string> {
  return pipeline.temporal(
    ...['workflow', 'update', 'execute', '--workflow-id', 'steered', '--name', name],
    ...(input === null ? [] : ['--input', JSON.stringify(input)]),
  );
}

function isSo(condition: (run: RunEntry) => boolean): Promise<RunEntry> {
  return pipeline.whenRunOf('steered', condition);
}

describe('the step features', () => {
  it('is no step of a run that does not name it', async () => {
    expect(stored).toBeGreaterThan(COUNT / 2);
    expect(
      await pipeline.query('SELECT state, count(*) AS n FROM feature_state GROUP BY ALL'),
    ).toEqual([{ state: 'pending', n: expect.any(Number) as number }]);
    expect(await pipeline.query("SELECT * FROM etl_step WHERE step = 'features'")).toEqual([]);
  });

  it('says that no worker computes, can be paused and resumed, and is left out by skipStep', async () => {
    const input = { catalog: path.relative('data', catalog), steps: STEPS.split(',') };
    await pipeline.temporal(
      ...['workflow', 'start', '--type', 'runPipeline', '--task-queue', 'artemis-pipeline'],
      ...['--workflow-id', 'steered', '--input', JSON.stringify(input)],
    );
    const waiting = await isSo((run) => run.step?.detail?.includes('artemis-features') === true);
    expect(waiting).toMatchObject({
      state: 'running',
      step: { name: 'features' },
      features: { planned: expect.any(Number) as number, computed: 0, failed: 0 },
    });
    const planned = waiting.features?.planned ?? 0;
    expect(planned).toBeGreaterThan(COUNT / 2);
    // Nothing is computed yet: the time is that by the sizes of the images.
    expect(waiting.features?.secondsLeft).toBeGreaterThan(0);
    expect((await pipeline.run('status')).stdout).toContain(
      `features: 0 computed, 0 failed of ${planned} files planned · about 1 s left`,
    );
    await update('pauseRun');
    await isSo((run) => run.state === 'paused');
    await update('resumeRun');
    await isSo((run) => run.state === 'running' && run.step?.name === 'features');
    await update('skipStep', { step: 'features', reason: 'no worker' });
    const ended = await isSo((run) => run.state === 'completed');
    const steps = `SELECT step, state FROM etl_step WHERE run_id = '${ended.runId}' ORDER BY step`;
    expect(await pipeline.query(steps)).toEqual([
      { step: 'features', state: 'skipped' },
      { step: 'publish', state: 'completed' },
    ]);
  });

  it('computes every stored file, once, and publishes that', async () => {
    const first = await runFeatures();
    expect(first).toMatchObject({ code: 0 });
    const run = await pipeline.whenRunOf('features', ({ state }) => state === 'completed');
    const files = run.features?.planned ?? 0;
    expect(pipeline.summary(run.runId).features).toEqual({
      planned: files,
      computed: files,
      failed: 0,
    });
    const rows = await pipeline.query<FeatureRow>(
      'SELECT source_image_id AS id, version, colour FROM image_feature',
    );
    expect(rows).toHaveLength(stored);
    expect(await pipeline.query('SELECT count(*) AS n FROM fact_feature')).toEqual([{ n: files }]);
    expect(
      await pipeline.query(
        "SELECT done_count AS n FROM etl_step WHERE step = 'features' AND done_count > 0",
      ),
    ).toEqual([{ n: files }]);
    expect(await pipeline.expectFine('verify')).toContain('✓ K11');
    const second = await runFeatures();
    expect(second).toMatchObject({ code: 0 });
    const again = await pipeline.whenRunOf('features', ({ runId }) => runId !== run.runId);
    expect(pipeline.summary(again.runId).features).toEqual({ planned: 0, computed: 0, failed: 0 });
    expect(await pipeline.query('SELECT count(*) AS n FROM fact_feature')).toEqual([{ n: files }]);
  });
});
