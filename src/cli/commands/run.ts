/** `run CATALOG`: starts `runPipeline`, shows its progress, brings along what is missing. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { RUN_PIPELINE } from '../../contract/operator';
import { FINAL_STATES } from '../../contract/run-record';
import { taskQueues } from '../../contract/task-queues';
import { readRun } from '../../files/run-records';
import { connectClient } from '../../server/connection';
import { registerSearchAttributes } from '../../server/register-search-attributes';
import { resolveServer, runLink, type ResolvedServer } from '../../server/resolve-server';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { followRun, type Followed } from '../follow-run';
import { listenForInterrupts } from '../interrupts';
import { startOwnWorkers } from '../own-workers';
import { placeCatalog } from '../place-catalog';
import { createProgressView } from '../progress-bar';
import { summaryText } from '../run-report';
import { runRequest, temporalCommand, type RunOptions, type RunRequest } from '../run-request';
import { UsageError } from '../usage-error';

/** **Errors** refused before anything is started: StepError `input`, `catalog_missing`; UsageError. */
export async function run(context: CommandContext, options: RunOptions): Promise<ExitCode> {
  const { config, log, terminal } = context;
  const catalog = await placeCatalog(config.dataRoot, options.catalog);
  const request = runRequest(options, catalog.path);
  terminal.say(temporalCommand(request, taskQueues(config.queuePrefix).pipeline));
  if (options.dryRun === true) return EXIT.fine;
  await catalog.place();
  const server = await resolveServer({ config, log, mayStart: true });
  const client = await connectClient(server.settings);
  try {
    await registerSearchAttributes(client, log);
    return await startAndFollow(context, { server, client, request });
  } finally {
    await client.connection.close();
  }
}

type Handle = WorkflowHandleWithFirstExecutionRunId;

interface Started {
  readonly server: ResolvedServer;
  readonly client: Client;
  readonly request: RunRequest;
}

async function startAndFollow(context: CommandContext, started: Started): Promise<ExitCode> {
  const { server, client, request } = started;
  let handle: Handle | null = null;
  const interrupts = listenForInterrupts(() => {
    context.terminal.say('cancelling: what is downloaded is kept (again: leave at once)');
    handle?.cancel().catch((error: unknown) => {
      context.log.error({ reason: String(error) }, 'the run could not be cancelled');
    });
  });
  try {
    const workers = await startOwnWorkers(context, server, client, interrupts.signal);
    try {
      handle = await start(context, client, request);
      if (interrupts.signal.aborted) await handle.cancel();
      const followed = await Promise.race([follow(context, server, handle), workers.broken]);
      return report(context, handle, followed);
    } finally {
      await workers.stop();
    }
  } finally {
    interrupts.dispose();
  }
}

async function start(
  context: CommandContext,
  client: Client,
  request: RunRequest,
): Promise<Handle> {
  try {
    return await client.workflow.start(RUN_PIPELINE, {
      taskQueue: taskQueues(context.config.queuePrefix).pipeline,
      workflowId: request.workflowId,
      args: [request.input],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new UsageError(
      `a run with the id ${JSON.stringify(request.workflowId)} is already running. Look at it with "artemis-pipeline status ${request.workflowId}", cancel it with "artemis-pipeline temporal workflow cancel --workflow-id ${request.workflowId}", or choose another --workflow-id.`,
    );
  }
}

async function follow(
  context: CommandContext,
  server: ResolvedServer,
  handle: Handle,
): Promise<Followed> {
  const runId = handle.firstExecutionRunId;
  const link = runLink(server, handle.workflowId, runId);
  if (link !== null) context.terminal.say(link);
  const view = createProgressView(context.terminal);
  try {
    return await followRun({
      dataRoot: context.config.dataRoot,
      runId,
      result: handle.result(),
      view,
    });
  } finally {
    view.stop();
  }
}

function report(context: CommandContext, handle: Handle, followed: Followed): ExitCode {
  const { config, terminal } = context;
  if (followed.kind === 'parked') {
    terminal.say(parkedText(handle.workflowId, followed.entry.step));
    return EXIT.runEnded;
  }
  const summary =
    readRun({ root: config.dataRoot, runId: handle.firstExecutionRunId })?.summary ?? null;
  if (summary === null || !FINAL_STATES.has(summary.state))
    throw followed.error ?? new Error('the run left no summary');
  terminal.say(summaryText(summary));
  if (summary.state !== 'completed') {
    terminal.say(`${causeOf(followed.error)}The same command goes on with the rest.`);
    return EXIT.runEnded;
  }
  return summary.run.failed > 0 ? EXIT.someFailed : EXIT.fine;
}

function parkedText(
  workflowId: string,
  step: {
    readonly name: string;
    readonly code: string | null;
    readonly detail: string | null;
  } | null,
): string {
  const update = (name: string, input: object): string =>
    `  artemis-pipeline temporal workflow update execute --workflow-id ${workflowId} --name ${name} --input '${JSON.stringify(input)}'`;
  return [
    `The step ${step?.name ?? ''} is parked: ${step?.code ?? ''}: ${step?.detail ?? ''}`,
    'Mend that, then (with "artemis-pipeline up" running in another terminal):',
    update('retryStep', { step: step?.name }),
    'or give the run up:',
    update('abortRun', { reason: 'given up' }),
  ].join('\n');
}

/** The failure that ended the workflow, in words. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  if (!(cause instanceof Error) || cause.name === 'CancelledFailure') return '';
  const type = 'type' in cause ? `${String(cause.type)}: ` : '';
  return `${type}${cause.message}\n`;
}
