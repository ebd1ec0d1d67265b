/** Runs workers until a signal stops them. `up` and `worker` share this. */
import type { QueueName } from '../contract/task-queues';
import { limitHeapGrowth } from '../workers/heap-growth';
import { startWorkers } from '../workers/start-workers';
import { connectClient } from '../server/connection';
import { registerSearchAttributes } from '../server/register-search-attributes';
import type { ResolvedServer } from '../server/resolve-server';
import type { CommandContext } from './command-context';
import { EXIT, type ExitCode } from './exit-codes';
import { listenForInterrupts } from './interrupts';

/**
 * Returns when the workers have drained after Ctrl-C or SIGTERM.
 *
 * @throws the errors of starting, and of a worker that broke.
 */
export async function serveWorkers(
  context: CommandContext,
  server: ResolvedServer,
  queues: readonly QueueName[],
): Promise<ExitCode> {
  const { config, log, terminal } = context;
  limitHeapGrowth();
  let stop = (): void => undefined;
  const interrupts = listenForInterrupts(() => {
    terminal.say('stopping: running work is handed over (Ctrl-C again ends this process at once)');
    stop();
  });
  try {
    await registerAttributes(context, server);
    const connection = server.settings;
    const workers = await startWorkers({
      config,
      connection,
      queues,
      log,
      signal: interrupts.signal,
      // The next run may begin much later. Until then the processes would cost half a second of CPU
      // time and end unused after a minute.
      runBegins: false,
    });
    stop = () => {
      workers.stop();
    };
    if (interrupts.signal.aborted) stop();
    else terminal.say(`workers are ready for ${queues.join(', ')} · data root ${config.dataRoot}`);
    await workers.ended;
  } catch (error) {
    // An interruption while standing by for the writer lock is fine. Any other error counts,
    // interrupted or not.
    if (!interrupts.signal.aborted || !isAbort(error)) throw error;
  } finally {
    interrupts.dispose();
  }
  return EXIT.fine;
}

async function registerAttributes({ log }: CommandContext, server: ResolvedServer): Promise<void> {
  const client = await connectClient(server.settings);
  await registerSearchAttributes(client, log);
  await client.connection.close();
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
