/** Which of our queues nobody serves: `run` starts workers for those. */
import os from 'node:os';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { QUEUE_NAMES, taskQueues, type QueueName } from '../contract/task-queues';

const { TaskQueueType } = temporal.api.enums.v1;

/** A poll lasts a minute at most; a poller that was not seen for longer is gone. **Units** ms. */
const POLL_MS = 75_000;

/** Queues without a live worker. **Errors** those of the connection. */
export async function missingQueues(
  client: Client,
  queuePrefix: string,
): Promise<readonly QueueName[]> {
  const names = taskQueues(queuePrefix);
  const served = await Promise.all(
    QUEUE_NAMES.map((queue) => isServed(client, names[queue], queue)),
  );
  return QUEUE_NAMES.filter((_queue, index) => served[index] !== true);
}

async function isServed(client: Client, name: string, queue: QueueName): Promise<boolean> {
  const answer = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name },
    taskQueueType:
      queue === 'pipeline'
        ? TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
        : TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  });
  return answer.pollers.some((poller) => isAlive(poller.identity ?? '', poller.lastAccessTime));
}

/** The server remembers pollers for minutes: one of this machine is alive when its process is. */
function isAlive(identity: string, lastAccess: unknown): boolean {
  const [pid, host] = identity.split('@');
  if (host === os.hostname()) return isRunning(Number(pid));
  return Date.now() - millisecondsOf(lastAccess) < POLL_MS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A protobuf timestamp. */
function millisecondsOf(time: unknown): number {
  if (typeof time !== 'object' || time === null || !('seconds' in time)) return 0;
  return Number(time.seconds) * 1_000;
}
