/**
 * The workers that poll a task queue: Temporal's list of them, corrected by which processes of this
 * machine are alive.
 */
import os from 'node:os';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { QueueName } from '../contract/task-queues';
import { isProcessAlive } from '../files/process/is-process-alive';
import { protoMilliseconds } from './proto-milliseconds';

const { TaskQueueType } = temporal.api.enums.v1;

/**
 * The time after which a poller that was not seen is no longer counted, in milliseconds. A poll
 * lasts at most a minute, so such a poller has ended, or all its slots are busy.
 */
const POLL_MS = 75_000;

/**
 * The identities (`<pid>@<host>`) of the live workers of a queue.
 *
 * @param now milliseconds since the epoch, by the server's clock where that is known.
 * @throws errors of the connection.
 */
export async function livePollers(
  client: Client,
  queue: QueueName,
  taskQueue: string,
  now = Date.now(),
): Promise<readonly string[]> {
  const answer = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType:
      queue === 'pipeline'
        ? TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
        : TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  });
  return answer.pollers
    .filter((poller) => isAlive(poller.identity ?? '', poller.lastAccessTime, now))
    .map((poller) => poller.identity ?? '');
}

/**
 * The server remembers pollers for minutes. A poller on this machine is alive while its process is.
 */
function isAlive(identity: string, lastAccess: unknown, now: number): boolean {
  const [pid, host] = identity.split('@');
  if (host === os.hostname()) return isProcessAlive(Number(pid));
  return now - protoMilliseconds(lastAccess) < POLL_MS;
}
