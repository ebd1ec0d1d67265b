/**
 * Workers that compute features are killed, and stopped for longer than their heartbeat, and runs
 * of features are reset. Each file counts once, and `verify` (K11 among its checks) finds nothing.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BATCH_HEARTBEAT_TIMEOUT_MS } from '../../../src/contract/batch-timing';
import { listFeatureLedgers } from '../../../src/files/ledger/ledger-reader';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';
import { resetToBefore } from '../../helpers/runs/reset-run';
import { until } from '../../helpers/until';

/** Stored files whose features each of the runs computes. */
const FILES = 250;
const PREFIX = 'artemis-features-killed';

let pipeline: Pipeline;
let catalog: string;
let parts: readonly (readonly string[])[];
let worker: Command;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: PREFIX });
  catalog = await pipeline.writeCatalog(Math.ceil(2.1 * FILES));
  await serve('pipeline,plan,download,warehouse');
  worker = await serve('features');
  expect((await pipeline.run('run', path.join(pipeline.root, catalog))).code).toBe(3);
  const rows = await pipeline.query<{ readonly id: string }>(
    "SELECT source_image_id AS id FROM image WHERE state = 'stored' ORDER BY record",
  );
  const ids = rows.map(({ id }) => id);
  parts = [ids.slice(0, FILES), ids.slice(FILES, 2 * FILES)];
}, 180_000);
afterAll(() => pipeline.dispose());

async function serve(queues: string): Promise<Command> {
  const command = pipeline.start('worker', '--queues', queues);
  await command.says('workers are ready');
  return command;
}

/** Starts a run that computes the features of these images only, and returns its id. */
async function computeFeatures(workflowId: string, ids: readonly string[]): Promise<string> {
  const only = `catalogs/${workflowId}.txt`;
  fs.writeFileSync(path.join(pipeline.root, only), `${ids.join('\n')}\n`);
  const input = { catalog, only, steps: ['features', 'publish'] };
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--task-queue', `${PREFIX}-pipeline`],
    ...['--workflow-id', workflowId, '--input', JSON.stringify(input)],
  );
  return (await pipeline.whenRunOf(workflowId, () => true)).runId;
}

/** The lines that the ledgers of a run have, the last of which may be torn. */
function linesOf(runId: string): number {
  const texts = listFeatureLedgers({ root: pipeline.root, runId }).map((ledger) =>
    fs.readFileSync(path.join(pipeline.root, ledger.path), 'utf8'),
  );
  return texts.reduce((sum, text) => sum + text.split('\n').length - 1, 0);
}

/** Waits for this number of lines, before which the run must not have ended. */
async function hasLines(runId: string, count: number): Promise<void> {
  await until(() => linesOf(runId) >= count, {
    within: 60,
    every: 2,
    saying: () => `${count} lines of features; there are ${linesOf(runId)}`,
  });
  expect(linesOf(runId)).toBeLessThan(FILES);
}

async function expectCountedOnce(workflowId: string, ids: readonly string[]): Promise<void> {
  const run = await pipeline.whenRunOf(workflowId, ({ state }) => state === 'completed');
  const counts = { planned: FILES, computed: FILES, failed: 0 };
  expect(pipeline.summary(run.runId).features).toEqual(counts);
  const list = ids.map((id) => `'${id}'`).join(', ');
  expect(
    await pipeline.query(
      `SELECT count(*) AS images, count(DISTINCT sha256) AS files FROM image_feature WHERE source_image_id IN (${list})`,
    ),
  ).toEqual([{ images: FILES, files: FILES }]);
  expect(
    await pipeline.query(
      `SELECT done_count, failed_count FROM etl_step WHERE run_id = '${run.runId}' AND step = 'features'`,
    ),
  ).toEqual([{ done_count: FILES, failed_count: 0 }]);
}

async function expectCountedOnceAndVerified(
  workflowId: string,
  ids: readonly string[],
): Promise<void> {
  await expectCountedOnce(workflowId, ids);
  await pipeline.expectVerified();
}

/** The lines of a run in the warehouse. */
async function committedLines(runId: string): Promise<number> {
  const [row] = await pipeline.query<{ readonly n: number }>(
    `SELECT count(*)::INT AS n FROM fact_feature WHERE run_id = '${runId}'`,
  );
  return row?.n ?? 0;
}

it('two kill -9 of the worker compute no file twice that has a line', async () => {
  const [ids = []] = parts;
  const runId = await computeFeatures('killed', ids);
  for (const count of [20, 60]) {
    await hasLines(runId, count);
    worker.kill('SIGKILL');
    await worker.finished;
    worker = await serve('features');
  }
  await expectCountedOnceAndVerified('killed', ids);
  expect(await committedLines(runId)).toBe(FILES);
}, 180_000);

it('a run that is reset to before its features computes none again', async () => {
  const [ids = []] = parts;
  const { runId } = await pipeline.whenRunOf('killed', () => true);
  const { endedAt } = pipeline.summary(runId);
  await resetToBefore(pipeline, 'killed', 'child');
  await until(
    () => {
      const file = path.join(pipeline.root, 'runs', runId, 'summary.json');
      return fs.existsSync(file) && pipeline.summary(runId).endedAt > endedAt;
    },
    { within: 90, saying: 'the run that was reset to end again' },
  );
  await expectCountedOnceAndVerified('killed', ids);
  expect(await committedLines(runId)).toBe(FILES);
}, 180_000);

it('a worker that stands still for longer than its heartbeat, and continues beside its successor, adds nothing', async () => {
  const [, ids = []] = parts;
  const runId = await computeFeatures('zombie', ids);
  await hasLines(runId, 20);
  const zombie = worker;
  zombie.kill('SIGSTOP');
  worker = await serve('features');
  await delay(BATCH_HEARTBEAT_TIMEOUT_MS);
  zombie.kill('SIGCONT');
  // `verify` may still name lines that the zombie writes after the end of its run.
  await expectCountedOnce('zombie', ids);
  zombie.kill('SIGTERM');
  await zombie.finished;
  // The next run commits what the zombie wrote after the end of its own.
  await computeFeatures('nothing-left', ids);
  const next = await pipeline.whenRunOf('nothing-left', ({ state }) => state === 'completed');
  expect(pipeline.summary(next.runId).features).toEqual({ planned: 0, computed: 0, failed: 0 });
  expect(await committedLines(runId)).toBe(linesOf(runId));
  await expectCountedOnceAndVerified('zombie', ids);
}, 180_000);
