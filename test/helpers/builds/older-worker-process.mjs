/**
 * A worker of another build. It serves the queues in its arguments, and knows none of this build's
 * workflows and activities.
 */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';

const [, , address, ...taskQueues] = process.argv;

const workflowsPath = fileURLToPath(new URL('older-workflows.ts', import.meta.url));
const connection = await NativeConnection.connect({ address });
const workers = await Promise.all(
  taskQueues.map((taskQueue) =>
    Worker.create({
      ...{ connection, taskQueue },
      ...(taskQueue.endsWith('-pipeline')
        ? { workflowsPath }
        : { activities: { doItAsOfOld: async () => 'done' } }),
    }),
  ),
);
process.send('polls');
await Promise.all(workers.map((worker) => worker.run()));
