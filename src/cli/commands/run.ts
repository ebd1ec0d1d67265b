/** `run CATALOG`: starts `runPipeline`, shows its progress, brings along what is missing. */
import { taskQueues } from '../../contract/task-queues';
import { connectClient } from '../../server/connection';
import { resolveServer } from '../../server/resolve-server';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { placeCatalog } from '../place-catalog';
import { failureText, parkedText, summaryText } from '../run-report';
import { runRequest, temporalCommand, type RunOptions } from '../run-request';
import { startAndFollow, type RunOutcome } from '../start-and-follow';

/** **Errors** refused before anything is started: StepError `input`, `catalog_missing`; UsageError. */
export async function run(context: CommandContext, options: RunOptions): Promise<ExitCode> {
  const { config, log, terminal } = context;
  const catalog = await placeCatalog(config.dataRoot, options.catalog);
  const request = runRequest(options, catalog.path);
  terminal.say(temporalCommand(request, taskQueues(config.queuePrefix).pipeline));
  if (options.dryRun === true) return EXIT.fine;
  catalog.place();
  const server = await resolveServer({ config, log, mayStart: true });
  const client = await connectClient(server.settings);
  try {
    return report(context, await startAndFollow(context, { server, client, request }));
  } finally {
    await client.connection.close();
  }
}

function report({ terminal }: CommandContext, outcome: RunOutcome): ExitCode {
  if (outcome.kind === 'parked') {
    terminal.say(parkedText(outcome.workflowId, outcome.entry.step));
    return EXIT.runEnded;
  }
  const { summary } = outcome;
  terminal.say(summaryText(summary));
  if (summary.state !== 'completed') {
    terminal.say(`${failureText(outcome.error)}The same command goes on with the rest.`);
    return EXIT.runEnded;
  }
  return summary.run.failed > 0 ? EXIT.someFailed : EXIT.fine;
}
