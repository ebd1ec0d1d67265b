/** Starts a run and follows it to its end, with workers of our own for queues that nobody serves. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { RUN_PIPELINE } from '../contract/operator';
import type { RunEntry, Summary } from '../contract/run-record';
import { staticDetails, staticSummary } from '../contract/run-words';
import { taskQueues } from '../contract/task-queues';
import { readRun } from '../files/run-records';
import { registerSearchAttributes } from '../server/register-search-attributes';
import { runLink, type ResolvedServer } from '../server/resolve-server';
import type { CommandContext } from './command-context';
import { followRun, type Followed } from './follow-run';
import { listenForInterrupts } from './interrupts';
import { startOwnWorkers } from './own-workers';
import { createProgressView } from './progress-bar';
import type { RunRequest } from './run-request';
import { UsageError } from './usage-error';

/** How a run ended, or that it waits for an operator. `error`: the workflow's failure, null when it completed. */
export type RunOutcome = { readonly workflowId: string; readonly runId: string } & (
  | { readonly kind: 'ended'; readonly summary: Summary; readonly error: unknown }
  | { readonly kind: 'parked'; readonly entry: RunEntry }
);

type Handle = WorkflowHandleWithFirstExecutionRunId;

export interface Started {
  readonly server: ResolvedServer;
  readonly client: Client;
  readonly request: RunRequest;
}

/**
 * Ctrl-C cancels the run, which flushes; a second one leaves at once.
 *
 * **Errors** UsageError when a run with that id is running; those of connecting and of workers that broke.
 */
export async function startAndFollow(
  context: CommandContext,
  started: Started,
): Promise<RunOutcome> {
  const { server, client, request } = started;
  await registerSearchAttributes(client, context.log);
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
      const followed = await Promise.race([follow(context, started, handle), workers.broken]);
      return outcomeOf(context, handle, followed);
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
      staticSummary: staticSummary(request.input),
      staticDetails: staticDetails(request.input),
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
  { server, client }: Started,
  handle: Handle,
): Promise<Followed> {
  const runId = handle.firstExecutionRunId;
  const link = runLink(server, handle.workflowId, runId);
  if (link !== null) context.terminal.say(link);
  const view = createProgressView(context.terminal);
  // The result is polled for; a run that parks has none, and the poll would outlive us by 20 s.
  const polling = new AbortController();
  try {
    return await followRun({
      dataRoot: context.config.dataRoot,
      runId,
      result: client.withAbortSignal(polling.signal, () => handle.result()),
      view,
    });
  } finally {
    polling.abort();
    view.stop();
  }
}

function outcomeOf(
  { config }: CommandContext,
  { workflowId, firstExecutionRunId: runId }: Handle,
  followed: Followed,
): RunOutcome {
  if (followed.kind === 'parked') return { ...followed, workflowId, runId };
  const { error } = followed;
  const summary = readRun({ root: config.dataRoot, runId })?.summary ?? null;
  // Terminated, or its input refused: the workflow's own failure says it all.
  if (summary === null) throw (error as Error | null) ?? new Error('the run left no summary');
  return { kind: 'ended', workflowId, runId, summary, error };
}
