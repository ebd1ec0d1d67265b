/**
 * Starts a run (or joins it) and follows it to its end, with workers of our own for queues that no
 * worker polls.
 */
import { WorkflowFailedError, type Client } from '@temporalio/client';
import type { RunEntry, Summary } from '../../contract/run-record';
import { taskQueues } from '../../contract/task-queues';
import { readRun } from '../../files/run/run-records';
import { askTemporal, serverGone } from '../../server/ask-temporal';
import { isSilence } from '../../server/is-silence';
import { StandstillWatch } from '../../server/standstill';
import { registerSearchAttributes } from '../../server/register-search-attributes';
import { runLink, type ResolvedServer } from '../../server/resolve-server';
import { beginRun, type BegunRun } from './begin-run';
import type { CommandContext } from '../command-context';
import { followRun, type Followed } from './follow-run';
import { terminalPlace } from '../terminal-place';
import { listenForInterrupts } from '../interrupts';
import { startOwnWorkers } from './own-workers';
import { createProgressView } from '../bars/progress-bar';
import { resultOfRun } from './result-of-run';
import { endedWithoutSummary } from './run-ended';
import type { RunRequest } from './run-request';
import { reportSilence } from './report-silence';
import { diagnoseNotBegun } from './diagnose-not-begun';

/**
 * How a run ended, or that it waits for an operator, or that we stopped following it. `error` is
 * the workflow's failure, and null when it completed.
 */
export type RunOutcome = { readonly workflowId: string; readonly runId: string } & (
  | { readonly kind: 'ended'; readonly summary: Summary; readonly error: unknown }
  | { readonly kind: 'parked'; readonly entry: RunEntry }
  | { readonly kind: 'left' }
);

export interface Started {
  readonly server: ResolvedServer;
  readonly client: Client;
  readonly request: RunRequest;
}

/**
 * Starts and follows a run. Ctrl-C cancels the run, which flushes. A run that other commands
 * started, and whose workers are theirs, continues, and only following ends. A second Ctrl-C ends
 * the process at once.
 *
 * @throws UsageError when another run is under way with that id; the errors of connecting and of
 *   workers that broke; RunEnded when the workflow ended without a summary; StepError when the
 *   workers refused the input.
 */
export async function startAndFollow(
  context: CommandContext,
  started: Started,
): Promise<RunOutcome> {
  const { server, client } = started;
  const registered = registerSearchAttributes(client, context.log);
  let onInterrupt = (): void => {
    context.terminal.say('cancelling');
  };
  const interrupts = listenForInterrupts(() => {
    onInterrupt();
  });
  try {
    // A server that this command started has no other workers, and has the search attributes. So
    // the run can begin while the workers of this command are created.
    const begun = server.started ? begin(context, started) : null;
    // It may fail before it is awaited. Without this handler, Node would end the process.
    begun?.catch(() => undefined);
    const workers = await startOwnWorkers(context, server, client, {
      signal: interrupts.signal,
      steps: started.request.input.steps,
    }).catch(async (error: unknown) => {
      await withdraw(begun);
      throw error;
    });
    try {
      await registered;
      const run = await (begun ?? begin(context, started));
      const isOurs = !run.isJoined || workers.areAny;
      const left = new Promise<Followed>((resolve) => {
        onInterrupt = () => {
          if (isOurs) void cancel(context, started, run);
          else resolve({ kind: 'left' });
        };
      });
      if (interrupts.signal.aborted) onInterrupt();
      const followed = await Promise.race([follow(context, started, run, left), workers.broken]);
      return outcomeOf(context, started, run, followed);
    } finally {
      await workers.stop();
    }
  } finally {
    interrupts.dispose();
  }
}

async function begin(context: CommandContext, started: Started): Promise<BegunRun> {
  const { server, client, request } = started;
  const { pipeline } = taskQueues(context.config.queuePrefix);
  const asked = { client, address: server.settings.address, doing: 'starting the run' };
  const run = await askTemporal(asked, () =>
    beginRun(client, pipeline, request, terminalPlace(context.config)),
  );
  if (run.isJoined)
    context.terminal.say(
      `the run ${JSON.stringify(run.workflowId)} is under way already, with the same input: following it`,
    );
  return run;
}

/** Ends a run that no worker of ours can serve. Nothing of it has been done yet. */
async function withdraw(begun: Promise<BegunRun> | null): Promise<void> {
  const run = await begun?.catch(() => null);
  if (run == null || run.isJoined) return;
  await run.handle.terminate('its workers could not be started').catch(() => undefined);
}

async function cancel(
  { terminal }: CommandContext,
  { server, client }: Started,
  { handle }: BegunRun,
): Promise<void> {
  terminal.say('cancelling: what was downloaded is kept (Ctrl-C again ends this command at once)');
  const asked = { client, address: server.settings.address, doing: 'cancelling the run' };
  await askTemporal(asked, () => handle.cancel()).catch((error: unknown) => {
    terminal.say(error instanceof Error ? error.message : String(error));
  });
}

async function follow(
  context: CommandContext,
  { server, client }: Started,
  run: BegunRun,
  left: Promise<Followed>,
): Promise<Followed> {
  const { workflowId, runId } = run;
  const link = runLink(server, workflowId, runId);
  if (link !== null) context.terminal.say(link);
  const { dataRoot, queuePrefix } = context.config;
  const asked = { client, address: server.settings.address, doing: 'asking for the run' };
  const why = (): Promise<string | null> =>
    askTemporal(asked, () =>
      diagnoseNotBegun({ client, run, dataRoot, queuePrefix, server: server.settings }),
    );
  const view = reportSilence(createProgressView(context.terminal), context.terminal, why);
  // The result is polled for. A run that parks has none, and the poll would outlive the command by
  // 20 s.
  const polling = new AbortController();
  const watch = new StandstillWatch();
  try {
    return await followRun({
      dataRoot,
      runId,
      result: resultOfRun(client, run, { signal: polling.signal, watch }),
      left,
      view,
    });
  } finally {
    polling.abort();
    watch.stop();
    view.stop();
  }
}

function outcomeOf(
  { config }: CommandContext,
  { server }: Started,
  { workflowId, runId }: BegunRun,
  followed: Followed,
): RunOutcome {
  if (followed.kind !== 'ended') return { ...followed, workflowId, runId };
  const { error } = followed;
  if (isSilence(error)) throw serverGone(server.settings, error);
  const summary = readRun({ root: config.dataRoot, runId })?.summary ?? null;
  if (summary === null) {
    if (error instanceof WorkflowFailedError) throw endedWithoutSummary(workflowId, error);
    throw (error as Error | null) ?? new Error('the run left no summary');
  }
  return { kind: 'ended', workflowId, runId, summary, error };
}
