/**
 * Starts what a run needs, follows it to its end, and reports how it ended. `run` and `repair`
 * share this.
 */
import { resolveServer } from '../../server/resolve-server';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { failureText, leftText, parkedText, summaryText } from './run-report';
import type { RunRequest } from './run-request';
import type { RunOutcome } from './start-and-follow';

/** @throws the errors of connecting and of starting. */
export async function runAndReport(
  context: CommandContext,
  request: RunRequest,
): Promise<ExitCode> {
  const { config, log } = context;
  const server = await resolveServer({ config, log, mayStart: true, whileStarting: loadWorkers });
  const { connectClient, startAndFollow } = await loadWorkers();
  const client = await connectClient(server.settings);
  try {
    return report(context, await startAndFollow(context, { server, client, request }));
  } finally {
    await client.connection.close();
  }
}

/** Loading takes half of the time of a run of few images, so the server starts meanwhile. */
async function loadWorkers() {
  const { connectClient } = await import('../../server/connection.js');
  const { startAndFollow } = await import('./start-and-follow.js');
  return { connectClient, startAndFollow };
}

function report({ terminal, config }: CommandContext, outcome: RunOutcome): ExitCode {
  if (outcome.kind === 'parked') {
    terminal.say(parkedText(outcome.workflowId, outcome.entry.step));
    return EXIT.runEnded;
  }
  if (outcome.kind === 'left') {
    terminal.say(leftText(outcome.workflowId));
    return EXIT.interrupted;
  }
  const { summary } = outcome;
  terminal.say(summaryText(summary, config.dataRoot));
  if (summary.state !== 'completed') {
    terminal.say(`${failureText(outcome.error)}The same command goes on with the rest.`);
    return EXIT.runEnded;
  }
  return summary.run.failed > 0 ? EXIT.someFailed : EXIT.fine;
}
