/**
 * Workers of another build poll the queues of this one. The run waits, reports for what, and loses
 * nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { startOlderWorker } from '../../helpers/builds/older-worker';
import { Pipeline } from '../../helpers/runs/pipeline';

const PREFIX = 'artemis-builds';

let pipeline: Pipeline;
let client: Client;
beforeAll(async () => {
  pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: PREFIX, ARTEMIS_LATE_SECONDS: '1' });
  const up = await pipeline.up();
  client = new Client({
    connection: await Connection.connect({ address: pipeline.server().address }),
  });
  up.kill('SIGTERM');
  expect((await up.finished).code).toBe(0);
}, 60_000);
afterAll(async () => {
  await client.connection.close();
  await pipeline.dispose();
});

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 40_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('the condition did not hold in time');
    await delay(100);
  }
}

describe('a worker of another build', () => {
  const taskQueue = `${PREFIX}-pipeline`;

  it('that does not know the workflow is reported by Temporal, and a worker of this build continues the run', async () => {
    const older = await startOlderWorker(pipeline.server().address, taskQueue);
    const handle = await client.workflow.start('runPipeline', {
      ...{ workflowId: 'later', taskQueue },
      args: [{ catalog: await pipeline.writeCatalog(5), maxRemoved: 1 }],
    });
    await eventually(async () => {
      const { events } = await handle.fetchHistory();
      return (events ?? []).some(({ workflowTaskFailedEventAttributes: failed }) =>
        failed?.failure?.message?.includes('no such function is exported'),
      );
    });
    await older.stop();
    pipeline.start('worker', '--queues', 'pipeline,plan');
    await pipeline.when((run) => run.workflowId === 'later' && run.step?.name === 'ingest');
  });

  it('that does not know an activity is named by status and uses up no attempt, and a worker of this build continues', async () => {
    const older = await startOlderWorker(pipeline.server().address, `${PREFIX}-warehouse`);
    const { step } = await pipeline.when((run) => run.step?.code === 'NotFoundError');
    expect(step?.detail).toContain(`${older.pid}@`);
    expect(step?.detail).toContain('does not know mergeCatalog');
    // This is more often than the step may fail by itself.
    await eventually(async () => {
      const { raw } = await client.workflow.getHandle('later').describe();
      const merge = raw.pendingActivities?.find(({ attempt }) => (attempt ?? 0) >= 5);
      return merge?.activityType?.name === 'mergeCatalog';
    });
    await older.stop();
    pipeline.start('worker', '--queues', 'warehouse,download');
    expect(await client.workflow.getHandle('later').result()).toMatchObject({ state: 'completed' });
  }, 120_000);
});
