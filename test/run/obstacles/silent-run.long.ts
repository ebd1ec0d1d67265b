/**
 * `run` reports what a run that writes nothing waits for, and continues when the cause is removed.
 */
import path from 'node:path';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';
import { startOlderWorker } from '../../helpers/builds/older-worker';

const PREFIX = 'artemis-silent';

let pipeline: Pipeline;
let up: Command;
let catalog: string;
beforeAll(async () => {
  pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: PREFIX });
  catalog = path.join('data', await pipeline.writeCatalog(5));
  up = await pipeline.up();
}, 60_000);
afterAll(() => pipeline.dispose());

function run(workflowId: string): Command {
  return pipeline.start('run', catalog, '--workflow-id', workflowId);
}

it('run reports that the workers are stopped, and how to continue them', async () => {
  up.kill('SIGSTOP');
  const command = run('stopped');
  await command.says(`kill -CONT ${up.pid}`);
  up.kill('SIGCONT');
  expect([0, 3]).toContain((await command.finished).code);
}, 60_000);

it('run reports that its worker does not know the workflow, and which worker to start', async () => {
  up.kill('SIGTERM');
  await up.finished;
  const older = await startOlderWorker(pipeline.server().address, `${PREFIX}-pipeline`);
  const command = run('older');
  await command.says('no such function is exported');
  expect(command.stderr()).toContain(`${older.pid}@`);
  expect(command.stderr()).toContain('artemis-pipeline worker --queues pipeline --data');
  await older.stop();
  const ours = pipeline.start('worker', '--queues', 'pipeline');
  expect([0, 3]).toContain((await command.finished).code);
  ours.kill('SIGTERM');
  await ours.finished;
}, 90_000);

it('run reports that its worker has ended', async () => {
  const workers = pipeline.start('worker');
  await workers.says('workers are ready');
  workers.kill('SIGSTOP');
  const command = run('gone');
  await command.says(`kill -CONT ${workers.pid}`);
  workers.kill('SIGKILL');
  await command.says(`no worker serves the queue ${PREFIX}-pipeline`);
  await pipeline.up();
  expect([0, 3]).toContain((await command.finished).code);
}, 90_000);
