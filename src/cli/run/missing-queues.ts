/** Finds the queues that no worker polls. `run` starts workers for those. */
import os from 'node:os';
import type { Client } from '@temporalio/client';
import { QUEUE_NAMES, taskQueues, type QueueName } from '../../contract/task-queues';
import { livePollers } from '../../server/live-pollers';

/**
 * The queues without a live worker. Called when this process has no workers, so a worker of this
 * process that the server remembers was stopped: it served an earlier run of the same command.
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
  const stopped = `${process.pid}@${os.hostname()}`;
  return QUEUE_NAMES.filter((_queue, index) =>
    pollers[index]?.every((identity) => identity === stopped),
  );
}
