/**
 * Records the histories that replay.test.ts replays, from real runs: `npm run record-histories` after a change of the
 * workflows that no old run can meet (before a release), never to make a replay that fails pass.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Pipeline } from '../helpers/pipeline';
import { holdWarehouse } from '../helpers/warehouse-holder';

const FOLDER = path.join(__dirname, 'histories');
const QUEUE = 'artemis-pipeline';

let pipeline: Pipeline;
beforeAll(async () => {
  // Short batches and histories: the child continues as new several times.
  pipeline = await Pipeline.create({
    ARTEMIS_BATCH_SECONDS: '2',
    ARTEMIS_HISTORY_EVENTS: '80',
    ARTEMIS_LATE_SECONDS: '2',
  });
  fs.rmSync(FOLDER, { recursive: true, force: true });
  fs.mkdirSync(FOLDER);
  await pipeline.up();
});
afterAll(() => pipeline.dispose());

async function start(workflowId: string, input: object): Promise<void> {
  await pipeline.expectFine(
    ...['temporal', 'workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', QUEUE, '--input', JSON.stringify(input)],
  );
}

/** Every run of the workflow and of its child: `<name>.<n>.json`. */
async function save(workflowId: string, name: string): Promise<void> {
  const list = await pipeline.expectFine(
    ...['temporal', 'workflow', 'list', '--query', `WorkflowId='${workflowId}'`],
    ...['--output', 'json'],
  );
  const runs = JSON.parse(list) as { readonly execution: { readonly runId: string } }[];
  for (const [index, { execution }] of runs.reverse().entries()) {
    const history = await pipeline.expectFine(
      ...['temporal', 'workflow', 'show', '--workflow-id', workflowId],
      ...['--run-id', execution.runId, '--output', 'json'],
    );
    // Who polled, and where the code lay, is of no use to a replay.
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

describe('recording', () => {
  const hosts = { default: { connections: 8, requestsPerSecond: 60 } };

  it('a run with failed images', async () => {
    await start('completed', { catalog: await pipeline.writeCatalog(120), hosts });
    await pipeline.when((run) => run.state === 'completed');
    await saveBoth('completed');
  });

  it('a run that parked, was retried, and completed', async () => {
    const catalog = await pipeline.writeCatalog(10);
    const file = path.join(pipeline.root, catalog);
    const good = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, good.replace('id,url', 'id,link'));
    await start('retried', { catalog, hosts, maxRemoved: 1 });
    await pipeline.when((run) => run.workflowId === 'retried' && run.state === 'parked');
    fs.writeFileSync(file, good);
    await pipeline.expectFine(
      ...['temporal', 'workflow', 'update', 'execute', '--workflow-id', 'retried'],
      ...['--name', 'retryStep', '--input', '{"step":"ingest"}'],
    );
    await pipeline.when((run) => run.workflowId === 'retried' && run.state === 'completed');
    await saveBoth('retried');
  });

  it('a run that failed', async () => {
    const catalog = await pipeline.writeCatalog(10);
    await start('failed', { catalog, columns: { url: 'link' }, onStepFailure: 'fail' });
    await pipeline.when((run) => run.workflowId === 'failed' && run.state === 'failed');
    await save('failed', 'failed');
  });

  it('a run that was cancelled after its child had continued as new', async () => {
    const catalog = await pipeline.writeCatalog(1_500);
    await start('cancelled', { catalog, hosts });
    await pipeline.when((run) => run.workflowId === 'cancelled' && run.stored > 400);
    await pipeline.expectFine('temporal', 'workflow', 'cancel', '--workflow-id', 'cancelled');
    await pipeline.when((run) => run.workflowId === 'cancelled' && run.state === 'cancelled');
    await saveBoth('cancelled');
    expect(fs.existsSync(path.join(FOLDER, 'cancelled-download.2.json'))).toBe(true);
  }, 120_000);

  it('a run whose commits were blocked while its child continued as new', async () => {
    await start('blocked', { catalog: await pipeline.writeCatalog(1_500), hosts, limit: 1_100 });
    await pipeline.when((run) => run.workflowId === 'blocked' && run.stored > 40);
    const holder = await holdWarehouse(pipeline.root);
    const blocked = await pipeline.when((run) => run.step?.code === 'db_locked');
    await pipeline.when((run) => run.stored > blocked.stored + 200);
    await holder.close();
    await pipeline.when((run) => run.workflowId === 'blocked' && run.state === 'completed');
    await saveBoth('blocked');
    const first = fs.readFileSync(path.join(FOLDER, 'blocked-download.1.json'), 'utf8');
    expect(first).toMatch(/ACTIVITY_TASK_CANCELED.*CONTINUED_AS_NEW/);
  }, 120_000);
});
