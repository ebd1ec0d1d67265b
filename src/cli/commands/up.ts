/**
 * `up`: starts a Temporal server if none is configured, which continues to run afterwards, and all
 * workers.
 */
import { QUEUE_NAMES } from '../../contract/task-queues';
import { resolveServer } from '../../server/resolve-server';
import type { CommandContext } from '../command-context';
import type { ExitCode } from '../exit-codes';

export async function up(context: CommandContext): Promise<ExitCode> {
  const { config, log, terminal } = context;
  const server = await resolveServer({ config, log, mayStart: true, whileStarting: loadWorkers });
  terminal.say(`Temporal: ${server.settings.address}, namespace ${server.settings.namespace}`);
  if (server.uiUrl !== null) terminal.say(`Web UI:   ${server.uiUrl}`);
  const { serveWorkers } = await loadWorkers();
  return serveWorkers(context, server, QUEUE_NAMES);
}

/** Loading takes about as long as the server's start. */
function loadWorkers() {
  return import('../serve-workers.js');
}
