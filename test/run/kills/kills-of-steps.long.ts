/**
 * Workers that compute features, groups and models are killed at random moments, and such a run is
 * reset: `npm run kills`. What they publish is that of a run that nothing disturbs.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LIMIT_MS, seeds } from '../../helpers/failures/kill-scene';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';
import { resetToBefore } from '../../helpers/runs/reset-run';
import { seededNumbers } from '../../helpers/seeded-random';
import { until } from '../../helpers/until';

const COUNT = 400;
const KILLS = 6;
const PREFIX = 'artemis-kills-of-steps';
const STEPS = ['features', 'clusters', 'aggregates', 'publish'];

let pipeline: Pipeline;
let catalog: string;
let worker: Command;
/** Before each test nothing is computed of what is stored. */
beforeEach(async () => {
  pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: PREFIX });
  await pipeline.startServer();
  catalog = await pipeline.writeCatalog(COUNT);
  worker = await startWorker();
  expect((await pipeline.run('run', path.join(pipeline.root, catalog))).code).toBe(3);
}, LIMIT_MS);
afterEach(() => pipeline.dispose());

async function startWorker(): Promise<Command> {
  const command = pipeline.start('worker');
  await command.says('workers are ready');
  return command;
}

async function start(workflowId: string, steps = STEPS): Promise<void> {
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', `${PREFIX}-pipeline`, '--input', JSON.stringify({ catalog, steps })],
  );
}

async function killWorker(): Promise<void> {
  worker.kill('SIGKILL');
  await worker.finished;
  worker = await startWorker();
}

/** What the run published, without what says when and by which run. */
async function published(): Promise<object> {
  return {
    features: await pipeline.query('SELECT sha256, phash, pdq_0, colour FROM feature ORDER BY 1'),
    groups: await pipeline.query('FROM cluster ORDER BY kind, cluster_id'),
    members: await pipeline.query(
      'FROM cluster_member ORDER BY kind, cluster_id, source_image_id, sha256',
    ),
    byFormat: await pipeline.query('FROM by_format ORDER BY ALL'),
    duplicates: await pipeline.query('FROM duplicates ORDER BY ALL'),
  };
}

/** `pipeline.expectVerified` has K11 among its checks. */
async function expectWhole(workflowId: string): Promise<void> {
  const run = await pipeline.whenRunOf(workflowId, ({ state }) => state === 'completed');
  const [row] = await pipeline.query<{ readonly stored: number; readonly known: number }>(
    `SELECT (SELECT count(DISTINCT thumb_sha256) FROM image WHERE state = 'stored')::INT AS stored,
       (SELECT count(*) FROM feature_state WHERE state <> 'pending')::INT AS known`,
  );
  expect(row?.stored).toBeGreaterThan(COUNT / 2);
  expect(row?.known).toBe(row?.stored);
  const { features } = pipeline.summary(run.runId);
  expect((features?.computed ?? 0) + (features?.failed ?? 0)).toBe(row?.stored);
  await until(() => fs.readdirSync(path.join(pipeline.root, 'tmp')).length === 0, {
    within: 60,
    saying: 'an empty tmp/',
  });
  await pipeline.expectVerified();
}

/** A run from the stored images alone, without anything that the killed one computed. */
async function expectAsUndisturbed(): Promise<void> {
  const disturbed = await published();
  fs.rmSync(path.join(pipeline.root, 'derived'), { recursive: true });
  await start('undisturbed', ['clusters', 'aggregates', 'publish']);
  await pipeline.whenRunOf('undisturbed', ({ state }) => state === 'completed');
  expect(await published()).toEqual(disturbed);
}

describe.each(seeds)('seed %i', (seed) => {
  it(
    'kill -9 of the worker at random moments of features, clusters and aggregates loses nothing',
    async () => {
      const next = seededNumbers(seed);
      await start('killed');
      for (let kill = 0; kill < KILLS; kill += 1) {
        await delay(100 + (next() % 3_000));
        await killWorker();
      }
      await expectWhole('killed');
      await expectAsUndisturbed();
    },
    2 * LIMIT_MS,
  );

  it(
    'a run that is reset while it computes features computes the others, and kills change nothing',
    async () => {
      const next = seededNumbers(seed);
      await start('reset');
      await pipeline.whenRunOf('reset', ({ features }) => (features?.computed ?? 0) > 0);
      await resetToBefore(pipeline, 'reset', 'child');
      await delay(100 + (next() % 2_000));
      await killWorker();
      await expectWhole('reset');
      await expectAsUndisturbed();
    },
    2 * LIMIT_MS,
  );
});
