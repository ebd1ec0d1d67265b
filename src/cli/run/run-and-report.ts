/**
 * Starts what a run needs, follows it to its end, and reports how it ended. `run` and `repair`
 * share this.
 */
import { configuredConnection } from '../../server/configured-connection';
import { installedTemporalCli } from '../../server/embedded/find-cli';
import { resolveServer } from '../../server/resolve-server';
import { readServerRecord } from '../../server/embedded/server-record';
import type { CommandContext } from '../command-context';
import type { ExitCode } from '../exit-codes';
import { reportOutcome } from './report-outcome';
import { startCommand, type RunRequest } from './run-request';

/** @throws the errors of connecting and of starting. */
export async function runAndReport(
  context: CommandContext,
  request: RunRequest,
): Promise<ExitCode> {
  const { config, log, terminal } = context;
  const server = await resolveServer({
    config,
    log,
    mayStart: true,
    whileStarting: loadOwnWorkers,
    keepsClient: true,
  });
  terminal.say(startCommand(request, config.queuePrefix, server.settings));
  const { connectClient, startAndFollow } = await loadClient();
  const client = server.client ?? (await connectClient(server.settings));
  try {
    const outcome = await startAndFollow(context, { server, client, request });
    return reportOutcome(context, outcome, request);
  } finally {
    await client.connection.close();
  }
}

/**
 * Prepares the start while the caller waits for something else: loads the client, and, if a server
 * must be started, asks the Temporal CLI for its version. Changes nothing.
 */
export async function prepareToStart({ config }: CommandContext): Promise<void> {
  const { dataRoot, env } = config;
  const mustStart = configuredConnection(env) === null && readServerRecord(dataRoot) === null;
  const cli = mustStart ? installedTemporalCli({ env }) : null;
  await loadClient();
  await cli;
}

/**
 * Called for a server that was just started. It has no workers, so this command will start those of
 * all queues.
 */
async function loadOwnWorkers(): Promise<void> {
  await loadClient();
  const { loadAllQueues } = await import('../../workers/start-workers.js');
  await loadAllQueues();
}

/**
 * For a run of few images, loading takes a large part of the time, so callers do other work
 * meanwhile.
 */
async function loadClient() {
  const { connectClient } = await import('../../server/connection.js');
  const { startAndFollow } = await import('./start-and-follow.js');
  return { connectClient, startAndFollow };
}
