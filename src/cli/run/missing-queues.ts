/** Which of our queues nobody serves: `run` starts workers for those. */
import type { Client } from '@temporalio/client';
import { QUEUE_NAMES, taskQueues, type QueueName } from '../../contract/task-queues';
import { livePollers } from '../../server/live-pollers';

/** Queues without a live worker. **Errors** those of the connection. */
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
