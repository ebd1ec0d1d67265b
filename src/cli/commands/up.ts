/**
 * `up`: starts a Temporal server if none is configured, which continues to run afterwards, and all
 * workers.
 */
import { QUEUE_NAMES } from '../../contract/task-queues';
import { resolveServer } from '../../server/resolve-server';
import type { CommandContext } from '../command-context';
import type { ExitCode } from '../exit-codes';
import { serveWorkers } from '../serve-workers';

export async function up(context: CommandContext): Promise<ExitCode> {
  const { config, log, terminal } = context;
  const server = await resolveServer({ config, log, mayStart: true });
  terminal.say(`Temporal: ${server.settings.address}, namespace ${server.settings.namespace}`);
  if (server.uiUrl !== null) terminal.say(`Web UI:   ${server.uiUrl}`);
  return serveWorkers(context, server, QUEUE_NAMES);
}
