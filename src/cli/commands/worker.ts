/** `worker`: starts workers only, for a server that runs already. */
import { QUEUE_NAMES, type QueueName } from '../../contract/task-queues';
import { resolveServer } from '../../server/resolve-server';
import type { CommandContext } from '../command-context';
import type { ExitCode } from '../exit-codes';
import { UsageError } from '../usage-error';

/**
 * @param names a comma-separated list of queues.
 * @throws UsageError for an unknown queue.
 */
export async function worker(context: CommandContext, names: string): Promise<ExitCode> {
  const queues = parseQueues(names);
  const { config, log } = context;
  const server = await resolveServer({ config, log, mayStart: false });
  const { serveWorkers } = await import('../serve-workers.js');
  return serveWorkers(context, server, queues);
}

function parseQueues(names: string): readonly QueueName[] {
  const wanted = names.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !QUEUE_NAMES.some((queue) => queue === name));
  if (unknown.length > 0 || wanted.length === 0)
    throw new UsageError(
      `--queues: there is no queue ${unknown.map((name) => JSON.stringify(name)).join(', ')}; accepted: ${QUEUE_NAMES.join(', ')}.`,
    );
  return QUEUE_NAMES.filter((queue) => wanted.includes(queue));
}
