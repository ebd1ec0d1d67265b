/**
 * A worker of workflows that is behind learns at once that a recall is done and that the recalled
 * batch has ended. The lane of that batch goes on.
 */
import { Pipeline, type Command } from '../../helpers/runs/pipeline';
import { pendingActivities, pendingWhen } from '../../helpers/runs/pending-activities';
import { until } from '../../helpers/until';

const IMAGES = 200;
const PREFIX = 'artemis-recalled';
const ID = 'recalled';
const CHILD = `${ID}-download`;

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: PREFIX });
});
afterAll(() => pipeline.dispose());

async function startWorker(queues: string): Promise<Command> {
  const worker = pipeline.start('worker', '--queues', queues);
  await worker.says('workers are ready');
  return worker;
}

async function startRun(): Promise<void> {
  const input = JSON.stringify({
    catalog: await pipeline.writeCatalog(IMAGES),
    hosts: { default: { connections: 1, requestsPerSecond: 10 } },
  });
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', ID],
    ...['--task-queue', `${PREFIX}-pipeline`, '--input', input],
  );
}

/** Waits until the server has the results of both, which no workflow worker takes. */
async function untilBothHaveEnded(): Promise<void> {
  const look = async (): Promise<boolean> => {
    const pending = await pendingActivities(pipeline, CHILD);
    const types = pending.map(({ activityType }) => activityType.name);
    return !types.includes('recallBatches') && !types.includes('downloadBatch');
  };
  await until(look, { within: 60, every: 250, saying: 'the recall and the batch to end' });
}

it('a lane whose batch ends together with its recall is downloaded to its end', async () => {
  const [workflows, plan] = [await startWorker('pipeline'), await startWorker('plan')];
  await startWorker('download,warehouse');
  await startRun();
  await pipeline.when(({ stored }) => stored >= 10);
  // The recall waits for its worker, so that the batch goes on.
  plan.kill('SIGSTOP');
  await pipeline.setDefaultBudget(ID, { connections: 1, requestsPerSecond: 100 });
  await pendingWhen(pipeline, CHILD, ({ activityType }) => activityType.name === 'recallBatches');
  workflows.kill('SIGSTOP');
  plan.kill('SIGCONT');
  await untilBothHaveEnded();
  workflows.kill('SIGCONT');
  const { runId } = await pipeline.when(({ state }) => state === 'completed');
  expect(pipeline.summary(runId).counts).toMatchObject({ images: IMAGES, pending: 0 });
});
