/** Finds the queues that no worker polls. `run` starts workers for those. */
import type { Client } from '@temporalio/client';
import { QUEUE_NAMES, taskQueues, type QueueName } from '../../contract/task-queues';
import { livePollers } from '../../server/live-pollers';

/**
 * The queues without a live worker.
 *
 * @throws errors of the connection.
 */
export async function missingQueues(
  client: Client,
  queuePrefix: string,
): Promise<readonly QueueName[]> {
  const names = taskQueues(queuePrefix);
  const pollers = await Promise.all(
    QUEUE_NAMES.map((queue) => livePollers(client, queue, names[queue])),
  );
  return QUEUE_NAMES.filter((_queue, index) => pollers[index]?.length === 0);
}
