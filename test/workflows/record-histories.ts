/**
 * Records the histories that replay.test.ts replays, from real runs. Run `npm run record-histories`
 * only after a change of the workflows that no open run can meet (before a release), and never to
 * make a failing replay pass.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RunEntry } from '../../src/contract/run-record';
import { Pipeline } from '../helpers/runs/pipeline';
import { resetToBefore } from '../helpers/runs/reset-run';
import { writeMeansModel } from '../helpers/images/tiny-onnx';
import { holdWarehouse } from '../helpers/programs/warehouse-holder';

const FOLDER = path.join(__dirname, 'histories');
const QUEUE = 'artemis-pipeline';

let pipeline: Pipeline;
let models: string;
beforeAll(async () => {
  models = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-models-'));
  // Batches and histories are short, so that the child continues as new several times.
  pipeline = await Pipeline.create({
    ARTEMIS_BATCH_SECONDS: '2',
    ARTEMIS_HISTORY_EVENTS: '80',
    ARTEMIS_LATE_SECONDS: '2',
    ARTEMIS_EMBEDDING_MODEL: writeMeansModel(models),
  });
  fs.rmSync(FOLDER, { recursive: true, force: true });
  fs.mkdirSync(FOLDER);
  await pipeline.up();
});
afterAll(async () => {
  await pipeline.dispose();
  fs.rmSync(models, { recursive: true });
});

async function start(workflowId: string, input: object): Promise<void> {
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', QUEUE, '--input', JSON.stringify(input)],
  );
}

async function update(workflowId: string, name: string, input?: object): Promise<void> {
  await pipeline.temporal(
    ...['workflow', 'update', 'execute', '--workflow-id', workflowId, '--name', name],
    ...(input === undefined ? [] : ['--input', JSON.stringify(input)]),
  );
}

/** Saves every workflow execution of the workflow or of its child: `<name>.<n>.json`. */
async function save(workflowId: string, name: string): Promise<void> {
  const list = await pipeline.temporal(
    ...['workflow', 'list', '--query', `WorkflowId='${workflowId}'`],
    ...['--output', 'json'],
  );
  const runs = JSON.parse(list) as { readonly execution: { readonly runId: string } }[];
  for (const [index, { execution }] of runs.reverse().entries()) {
    const history = await pipeline.temporal(
      ...['workflow', 'show', '--workflow-id', workflowId],
      ...['--run-id', execution.runId, '--output', 'json'],
    );
    // A replay needs neither the identities of workers nor the places of their code.
    const anonymous = history
      .replace(/"identity": *"[^"]*"/g, '"identity":"worker"')
      .replace(/"\d+@[^"]*"/g, '"worker"')
      .replace(/"stackTrace": *"(?:[^"\\]|\\.)*"/g, '"stackTrace":""');
    const file = path.join(FOLDER, `${name}.${index + 1}.json`);
    fs.writeFileSync(file, `${JSON.stringify(JSON.parse(anonymous))}\n`);
  }
}

async function saveBoth(workflowId: string): Promise<void> {
  await save(workflowId, workflowId);
  await save(`${workflowId}-download`, `${workflowId}-download`);
}

describe('a history is recorded of', () => {
  const done = (run: RunEntry): number => run.stored + run.notModified;
  const hosts = { default: { connections: 8, requestsPerSecond: 60 } };

  it('a run with failed images', async () => {
    await start('completed', { catalog: await pipeline.writeCatalog(120), hosts });
    await pipeline.when((run) => run.state === 'completed');
    await saveBoth('completed');
  });

  it('a run whose catalog lists something else than the collection', async () => {
    await start('refused', { catalog: await pipeline.writeCatalog(10) });
    await pipeline.when((run) => run.workflowId === 'refused' && run.state === 'failed');
    await save('refused', 'refused');
  });

  it.each([
    ['a run that computes features', 'features', null],
    ['a run whose features are left out', 'features-skipped', 'skipStep'],
  ])('%s', async (_what, id, skip) => {
    const steps = ['ingest', 'download', 'features', 'publish'];
    await start(id, { catalog: await pipeline.writeCatalog(120), hosts, steps });
    await pipeline.whenRunOf(id, (run) => skip === null || run.step?.name === 'features');
    if (skip !== null) await update(id, skip, { step: 'features', reason: 'recorded' });
    await pipeline.whenRunOf(id, (run) => run.state === 'completed');
    await save(id, id);
    await save(`${id}-features`, `${id}-features`);
  });

  it('a run that builds models', async () => {
    const steps = ['ingest', 'aggregates', 'publish'];
    await start('aggregates', { catalog: await pipeline.writeCatalog(5), replace: true, steps });
    await pipeline.whenRunOf('aggregates', (run) => run.state === 'completed');
    await save('aggregates', 'aggregates');
  });

  it('a run whose models have a mistake that the columns of the catalog show', async () => {
    const steps = ['ingest', 'download', 'aggregates', 'publish'];
    const model = path.join(pipeline.root, 'models', 'artists.sql');
    fs.mkdirSync(path.dirname(model), { recursive: true });
    fs.writeFileSync(model, 'SELECT painter FROM catalog_row');
    const catalog = await pipeline.writeCatalog(5);
    await start('bound', { catalog, hosts, replace: true, steps });
    await pipeline.whenRunOf('bound', (run) => run.state === 'parked');
    fs.writeFileSync(model, 'SELECT artist FROM catalog_row');
    await update('bound', 'retryStep', { step: 'download' });
    await pipeline.whenRunOf('bound', (run) => run.state === 'completed');
    await save('bound', 'bound');
  });

  it('a run that finds groups of images', async () => {
    const steps = ['ingest', 'download', 'features', 'clusters', 'publish'];
    const catalog = await pipeline.writeCatalog(30);
    await start('clusters', { catalog, hosts, replace: true, steps });
    await pipeline.whenRunOf('clusters', (run) => run.state === 'completed');
    await save('clusters', 'clusters');
  });

  it('a run that executes a model of a user', async () => {
    const steps = ['ingest', 'download', 'embeddings', 'publish'];
    const catalog = await pipeline.writeCatalog(60);
    await start('embeddings', { catalog, hosts, replace: true, steps });
    await pipeline.whenRunOf('embeddings', (run) => run.state === 'completed');
    await save('embeddings', 'embeddings');
  });

  it('a run of ingest alone, which publishes at its end', async () => {
    await start('ingested', {
      catalog: await pipeline.writeCatalog(5),
      steps: ['ingest'],
      replace: true,
    });
    await pipeline.when((run) => run.state === 'completed');
    await save('ingested', 'ingested');
  });

  it('a run that parked, was retried, and completed', async () => {
    const catalog = await pipeline.writeCatalog(10);
    const file = path.join(pipeline.root, catalog);
    const good = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, good.replace('id,url', 'id,link'));
    await start('retried', { catalog, hosts, replace: true });
    await pipeline.when((run) => run.workflowId === 'retried' && run.state === 'parked');
    fs.writeFileSync(file, good);
    await update('retried', 'retryStep', { step: 'ingest' });
    await pipeline.when((run) => run.workflowId === 'retried' && run.state === 'completed');
    await saveBoth('retried');
  });

  it('a run that failed', async () => {
    const catalog = await pipeline.writeCatalog(10);
    await start('failed', { catalog, columns: { url: 'link' }, onStepFailure: 'fail' });
    await pipeline.when((run) => run.workflowId === 'failed' && run.state === 'failed');
    await save('failed', 'failed');
  });

  it('a run whose failed step was skipped', async () => {
    const catalog = await pipeline.writeCatalog(10);
    await start('skipped', { catalog, columns: { url: 'link' }, hosts });
    await pipeline.when((run) => run.workflowId === 'skipped' && run.state === 'parked');
    await update('skipped', 'skipStep', { step: 'ingest', reason: 'the former catalog will do' });
    await pipeline.when((run) => run.workflowId === 'skipped' && run.state === 'completed');
    await saveBoth('skipped');
  });

  it('a parked run that timed out, and one that was aborted', async () => {
    const catalog = await pipeline.writeCatalog(10);
    await start('undecided', { catalog, columns: { url: 'link' }, parkTimeout: 1 });
    await pipeline.when((run) => run.workflowId === 'undecided' && run.state === 'failed');
    await save('undecided', 'undecided');
    await start('aborted', { catalog: await pipeline.writeCatalog(300), hosts, select: 'all' });
    await pipeline.when((run) => run.workflowId === 'aborted' && run.stored > 40);
    await update('aborted', 'abortRun', { reason: 'wrong catalog' });
    await pipeline.when((run) => run.workflowId === 'aborted' && run.state === 'aborted');
    await saveBoth('aborted');
  });

  it('a run that was paused, given another budget, and resumed', async () => {
    await start('steered', { catalog: await pipeline.writeCatalog(400), hosts, select: 'all' });
    await pipeline.when((run) => run.workflowId === 'steered' && done(run) > 40);
    await update('steered', 'pauseRun');
    await pipeline.when(
      (run) => run.state === 'paused' && run.committed === done(run) + run.failed,
    );
    const budget = { host: 'default', connections: 8, requestsPerSecond: 200 };
    await update('steered', 'setHostBudget', budget);
    await update('steered', 'resumeRun');
    await pipeline.when((run) => run.workflowId === 'steered' && run.state === 'completed');
    await saveBoth('steered');
  });

  it('a run that was reset to before its downloads', async () => {
    await start('reset', { catalog: await pipeline.writeCatalog(400), hosts, select: 'all' });
    await pipeline.when((run) => run.workflowId === 'reset' && done(run) > 40);
    await resetToBefore(pipeline, 'reset', 'child');
    await pipeline.when((run) => run.workflowId === 'reset' && run.state === 'completed');
    await saveBoth('reset');
    expect(fs.existsSync(path.join(FOLDER, 'reset.2.json'))).toBe(true);
  }, 90_000);

  it('a run that was cancelled after its child had continued as new', async () => {
    const catalog = await pipeline.writeCatalog(1_500);
    await start('cancelled', { catalog, hosts });
    await pipeline.when((run) => run.workflowId === 'cancelled' && run.stored > 400);
    await pipeline.temporal('workflow', 'cancel', '--workflow-id', 'cancelled');
    await pipeline.when((run) => run.workflowId === 'cancelled' && run.state === 'cancelled');
    await saveBoth('cancelled');
    expect(fs.existsSync(path.join(FOLDER, 'cancelled-download.2.json'))).toBe(true);
  }, 120_000);

  it('a run whose commits were blocked while its child continued as new', async () => {
    const catalog = await pipeline.writeCatalog(3_000);
    await start('blocked', { catalog, hosts, select: 'all', limit: 2_500 });
    await pipeline.when((run) => run.workflowId === 'blocked' && done(run) > 40);
    const holder = await holdWarehouse(pipeline.root);
    const blocked = await pipeline.when((run) => run.step?.code === 'db_locked', 90);
    await pipeline.when((run) => done(run) > done(blocked) + 200);
    await holder.close();
    await pipeline.when((run) => run.workflowId === 'blocked' && run.state === 'completed', 150);
    await saveBoth('blocked');
    const first = fs.readFileSync(path.join(FOLDER, 'blocked-download.1.json'), 'utf8');
    expect(first).toMatch(/ACTIVITY_TASK_CANCELED.*CONTINUED_AS_NEW/);
  }, 300_000);
});
