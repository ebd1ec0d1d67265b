/**
 * Runs that an earlier build began (before the numbered SQL files) and that this build ends. A
 * replay does not notice when the arguments of an activity or a payload have changed.
 */
import fs from 'node:fs';
import path from 'node:path';
import { buildCommit, hasCommit } from '../../helpers/builds/former-build';
import { cutNow, expectNothingInVain, type Cut } from '../../helpers/runs/fetched-again';
import { Pipeline } from '../../helpers/runs/pipeline';

const FORMER = 'ba6bfbc';
const COUNT = 60;

let pipeline: Pipeline;
let former: string;
beforeAll(async () => {
  // Workflows of the former build continue as new while it runs.
  pipeline = await Pipeline.create({ ARTEMIS_HISTORY_EVENTS: '80', ARTEMIS_BATCH_SECONDS: '2' });
  former = buildCommit(FORMER, path.join(pipeline.folder, 'former'));
});
afterAll(() => pipeline.dispose());

/**
 * Starts the workers of the former build and a run, and kills the workers when `isReached` is true.
 */
async function beginByFormer(
  workflowId: string,
  input: object,
  isReached: Parameters<Pipeline['whenRunOf']>[1],
): Promise<Cut> {
  const up = pipeline.startProgram(former, 'up');
  await up.says('workers are ready');
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', 'artemis-pipeline', '--input', JSON.stringify(input)],
  );
  await pipeline.whenRunOf(workflowId, isReached);
  up.kill('SIGKILL');
  await up.finished;
  return cutNow(pipeline);
}

(hasCommit(FORMER) ? describe : describe.skip)('a run that the former build began', () => {
  it('is finished by this one, without a request for what the former build stored', async () => {
    const hosts = { default: { connections: 2, requestsPerSecond: 4 } };
    const input = { catalog: await pipeline.writeCatalog(COUNT), hosts };
    const cut = await beginByFormer('running', input, ({ stored }) => stored >= 20);
    const up = await pipeline.up();
    const run = await pipeline.whenRunOf('running', ({ state }) => state === 'completed');
    // The origin misbehaves for one of these artworks.
    const ended = { planned: COUNT, stored: COUNT - 1, failed: 1 };
    expect(run).toMatchObject(ended);
    expect(pipeline.summary(run.runId)).toMatchObject({ run: ended });
    expectNothingInVain(pipeline, [cut]);
    await pipeline.expectFine('verify', '--deep');
    up.kill('SIGTERM');
    await up.finished;
  });

  it('and parked is continued by this one when the cause is fixed', async () => {
    const input = { catalog: 'catalogs/later.csv', maxRemoved: 1 };
    await beginByFormer('parked', input, ({ step }) => step?.code === 'catalog_missing');
    const catalog = await pipeline.writeCatalog(COUNT + 5);
    fs.renameSync(
      path.join(pipeline.root, catalog),
      path.join(pipeline.root, 'catalogs/later.csv'),
    );
    const up = await pipeline.up();
    await pipeline.temporal(
      ...['workflow', 'update', 'execute', '--workflow-id', 'parked'],
      ...['--name', 'retryStep', '--input', '{"step":"ingest"}'],
    );
    const run = await pipeline.whenRunOf('parked', ({ state }) => state === 'completed');
    expect(run).toMatchObject({ planned: 5, stored: 5, failed: 0 });
    await pipeline.expectFine('verify', '--deep');
    up.kill('SIGTERM');
    await up.finished;
  });
});
