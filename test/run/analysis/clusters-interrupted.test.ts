/**
 * Runs with the step `clusters` that are killed, steered, or meet one another. Afterwards the
 * snapshot has one consistent set of groups, and `tmp/` is empty.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { RunEntry } from '../../../src/contract/run-record';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';
import {
  softPicture,
  startPlantedCopies,
  writePlantedCatalog,
  type PlantedCopies,
} from '../../helpers/images/planted-copies';
import { searchesOf, stopSearches } from '../../helpers/failures/stopped-searches';
import { until } from '../../helpers/until';

const PREFIX = 'artemis-clusters-interrupted';
const CATALOG = 'catalogs/planted.csv';
/** As `startPlantedCopies` plants them. */
const NEAR = ['copy0 copy0again own0 small0', 'own1 small1', 'own2 small2'];

let planted: PlantedCopies;
let pipeline: Pipeline;
let worker: Command;
beforeAll(async () => {
  planted = await startPlantedCopies(4);
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: PREFIX,
    ARTEMIS_ALLOW_PRIVATE_HOSTS: '127.0.0.0/8',
    ARTEMIS_ALLOWED_PORTS: String(planted.server.port),
  });
  worker = await startWorker();
  const catalog = writePlantedCatalog(pipeline.root, planted);
  await pipeline.expectFine('run', catalog, '--steps', 'ingest,download,features,publish');
});
beforeEach(() => {
  // The next publication has no groups, so the run that asks for it has some to find.
  fs.rmSync(path.join(pipeline.root, 'derived'), { recursive: true, force: true });
});
afterAll(async () => {
  await pipeline.dispose();
  await planted.server.close();
});

async function startWorker(): Promise<Command> {
  const command = pipeline.start('worker');
  await command.says('workers are ready');
  return command;
}

async function start(workflowId: string, input: object = {}): Promise<void> {
  const whole = { catalog: CATALOG, steps: ['clusters', 'publish'], ...input };
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', `${PREFIX}-pipeline`, '--input', JSON.stringify(whole)],
  );
}

async function update(
  workflowId: string,
  name: string,
  input: object | null = null,
): Promise<void> {
  await pipeline.temporal(
    ...['workflow', 'update', 'execute', '--workflow-id', workflowId, '--name', name],
    ...(input === null ? [] : ['--input', JSON.stringify(input)]),
  );
}

function ended(workflowId: string, state: RunEntry['state'] = 'completed'): Promise<RunEntry> {
  return pipeline.whenRunOf(workflowId, (run) => run.state === state);
}

function namesIn(folder: string): readonly string[] {
  const whole = path.join(pipeline.root, folder);
  return fs.existsSync(whole) ? fs.readdirSync(whole) : [];
}

async function hasGroups(): Promise<boolean> {
  const tables = await pipeline.query(
    "FROM information_schema.tables WHERE table_name = 'cluster'",
  );
  return tables.length > 0;
}

/** The images of each group of near duplicates in the snapshot, each as often as it has a row. */
async function nearGroups(): Promise<readonly string[]> {
  const rows = await pipeline.query<{ readonly members: string }>(
    `SELECT string_agg(source_image_id, ' ' ORDER BY source_image_id) AS members
     FROM cluster_member WHERE kind = 'near' GROUP BY cluster_id ORDER BY members`,
  );
  return rows.map(({ members }) => members);
}

/** The runs that made the tables in the snapshot. */
async function makers(): Promise<readonly string[]> {
  const rows = await pipeline.query<{ readonly run: string }>(
    "SELECT run_id AS run FROM derived_from WHERE table_name LIKE 'cluster%'",
  );
  return rows.map(({ run }) => run);
}

/** One of these runs made the groups in the snapshot, which are whole; nothing else is left. */
async function expectOneSet(...runs: readonly RunEntry[]): Promise<void> {
  expect(await nearGroups()).toEqual(NEAR);
  expect(
    await pipeline.query(
      `SELECT c.kind, c.cluster_id FROM cluster c LEFT JOIN cluster_member m USING (kind, cluster_id)
       WHERE NOT EXISTS (FROM cluster part WHERE part.parent_id = c.cluster_id)
       GROUP BY ALL HAVING count(m.sha256) <> any_value(c.size)`,
    ),
  ).toEqual([]);
  const [maker] = await makers();
  expect(runs.map(({ runId }) => runId)).toContain(maker);
  expect(await makers()).toEqual([maker, maker]);
  expect(namesIn('derived')).toEqual(['clusters.duckdb']);
  await expectNothingLeft();
}

async function expectNothingLeft(): Promise<void> {
  await until(() => namesIn('tmp').length === 0, {
    within: 60,
    saying: () => `an empty tmp/, which has ${namesIn('tmp').join(', ')}`,
  });
  expect(namesIn('quarantine')).toEqual([]);
  await pipeline.expectVerified();
}

describe('kill -9 of the worker', () => {
  it('while groups are found, and again when they are published, leaves one set of groups', async () => {
    await start('killed');
    const [search = 0] = await stopSearches(worker);
    worker.kill('SIGKILL');
    process.kill(search, 'SIGKILL');
    await worker.finished;
    expect(namesIn('derived')).toEqual([]);
    expect(namesIn('tmp')).toEqual([expect.stringMatching(/^clusters-/)]);
    worker = await startWorker();
    // The next attempt begins when the heartbeat of the first one is overdue.
    await until(() => namesIn('tmp').some((name) => name.endsWith('.duckdb')), {
      within: 120,
      every: 2,
      saying: 'a file with groups',
    });
    worker.kill('SIGKILL');
    await worker.finished;
    worker = await startWorker();
    const run = await ended('killed');
    await expectOneSet(run);
    await start('again');
    const { clusters } = await ended('again');
    expect(clusters).toEqual(run.clusters);
    await expectOneSet(run);
  });
});

describe('runs that meet one another', () => {
  it('and publish their groups at the same time leave the groups of one of them', async () => {
    await start('one');
    await start('two');
    const searches = await stopSearches(worker, 2);
    // Both have a snapshot without groups, so each finds and publishes its own.
    for (const search of searches) process.kill(search, 'SIGCONT');
    const runs = [await ended('one'), await ended('two')];
    expect(runs[0]?.clusters).toMatchObject({ nearGroups: NEAR.length });
    expect(runs[0]?.clusters).toEqual(runs[1]?.clusters);
    await expectOneSet(...runs);
  });

  it('keep the groups in a publication during the next download', async () => {
    await start('grouped');
    const grouped = await ended('grouped');
    const picture = await softPicture(99);
    for (let n = 0; n < 60; n += 1) planted.add(`late${n}`, picture);
    writePlantedCatalog(pipeline.root, planted);
    const hosts = { default: { connections: 1, requestsPerSecond: 1 } };
    await start('downloading', { steps: ['ingest', 'download', 'publish'], hosts });
    await pipeline.whenRunOf('downloading', ({ stored }) => stored >= 1);
    const [pending] = await pipeline.query<{ readonly n: number }>(
      "SELECT count(*)::INT AS n FROM image WHERE state = 'pending' AND source_image_id LIKE 'late%'",
    );
    expect(pending?.n).toBeGreaterThan(0);
    expect(await nearGroups()).toEqual(NEAR);
    expect(await makers()).toEqual([grouped.runId, grouped.runId]);
    await update('downloading', 'abortRun', { reason: 'enough was seen' });
    await ended('downloading', 'aborted');
    await expectOneSet(grouped);
  });
});

describe('an operator', () => {
  it('who pauses a run gets the groups that are being found, and no further step', async () => {
    await start('paused');
    const [search = 0] = await stopSearches(worker);
    await update('paused', 'pauseRun');
    await ended('paused', 'paused');
    process.kill(search, 'SIGCONT');
    await until(hasGroups, { within: 60, saying: 'a snapshot with groups' });
    expect(await ended('paused', 'paused')).toMatchObject({ step: { name: 'clusters' } });
    await update('paused', 'resumeRun');
    await expectOneSet(await ended('paused'));
  });

  it('who skips the step ends the search, and the run goes on without groups', async () => {
    await start('skipped');
    await stopSearches(worker);
    await update('skipped', 'skipStep', { step: 'clusters', reason: 'not today' });
    const { runId, clusters } = await ended('skipped');
    expect(clusters).toBeUndefined();
    expect(
      await pipeline.query(
        `SELECT step, state FROM etl_step WHERE run_id = '${runId}' ORDER BY step`,
      ),
    ).toEqual([
      { step: 'clusters', state: 'skipped' },
      { step: 'publish', state: 'completed' },
    ]);
    await expectSearchEnded();
  });

  it('who cancels a run ends the search, and the next run finds the groups', async () => {
    await start('cancelled');
    await stopSearches(worker);
    await pipeline.temporal('workflow', 'cancel', '--workflow-id', 'cancelled');
    await ended('cancelled', 'cancelled');
    await expectSearchEnded();
    await start('next');
    await expectOneSet(await ended('next'));
  });
});

it('a run that is cancelled after its search and before its publication leaves nothing in tmp/', async () => {
  worker.kill('SIGTERM');
  await worker.finished;
  const others = pipeline.start('worker', '--queues', 'pipeline,plan,download,features');
  await others.says('workers are ready');
  const writer = pipeline.start('worker', '--queues', 'warehouse');
  await writer.says('workers are ready');
  await start('unpublished');
  const [search = 0] = await stopSearches(others);
  // The first publication of the step is done, and the second finds no worker.
  writer.kill('SIGTERM');
  await writer.finished;
  process.kill(search, 'SIGCONT');
  await until(() => namesIn('tmp').some((name) => /^clusters-.*\.duckdb$/.test(name)), {
    within: 60,
    every: 2,
    saying: 'a file with groups',
  });
  await pipeline.temporal('workflow', 'cancel', '--workflow-id', 'unpublished');
  await ended('unpublished', 'cancelled');
  await until(() => namesIn('tmp').length === 0, {
    within: 60,
    saying: () => `an empty tmp/ beside a living worker, which has ${namesIn('tmp').join(', ')}`,
  });
  expect(namesIn('derived')).toEqual([]);
  worker = pipeline.start('worker', '--queues', 'warehouse');
  await worker.says('workers are ready');
  await start('next of unpublished');
  await expectOneSet(await ended('next of unpublished'));
}, 240_000);

async function expectSearchEnded(): Promise<void> {
  await until(() => searchesOf(worker).length === 0, { within: 60, saying: 'no more searches' });
  expect(namesIn('derived')).toEqual([]);
  await expectNothingLeft();
}
