/**
 * The result of a run across its resets. Each reset ends the execution that was followed, and
 * starts another one of the same run.
 */
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { TerminatedFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { runUnderWay } from '../../server/run-under-way';
import type { StandstillWatch } from '../../server/standstill';
import type { BegunRun } from './begin-run';

const { HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT } = temporal.api.enums.v1.HistoryEventFilterType;

interface Following {
  readonly signal: AbortSignal;
  readonly watch: StandstillWatch;
}

type FollowedRun = Pick<BegunRun, 'workflowId' | 'runId' | 'executionRunId'>;

/**
 * @param options `signal` ends the polling, which would otherwise outlive the caller by 20 s.
 * @throws WorkflowFailedError when the run's newest execution did not complete; Temporal's own; the
 *   signal's reason.
 */
export async function resultOfRun(
  client: Client,
  run: FollowedRun,
  options: Following,
): Promise<unknown> {
  const { workflowId, runId, executionRunId } = run;
  const { watch } = options;
  await untilClosed(client, run, options);
  try {
    return await watch.ask(() => client.workflow.getHandle(workflowId, executionRunId).result());
  } catch (error) {
    if (!isTerminated(error)) throw error;
    const newest = await watch.ask(() => runUnderWay(client, workflowId));
    if (newest.runId !== runId || newest.executionRunId === executionRunId) throw error;
    return resultOfRun(client, { ...run, executionRunId: newest.executionRunId }, options);
  }
}

/**
 * Polls for the event that closes the execution, as `WorkflowHandle.result` does. That method polls
 * every 20 s under one signal, and the client never removes the listeners that it adds with each
 * call, so that Node warned of a leak after four minutes.
 */
async function untilClosed(
  client: Client,
  { workflowId, executionRunId }: FollowedRun,
  { signal, watch }: Following,
): Promise<void> {
  let nextPageToken: Uint8Array | null | undefined;
  for (;;) {
    const request = {
      namespace: client.options.namespace,
      execution: { workflowId, runId: executionRunId },
      skipArchival: true,
      waitNewEvent: true,
      historyEventFilterType: HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
      ...(nextPageToken == null ? {} : { nextPageToken }),
    };
    const answer = await watch.ask(() =>
      withOwnSignal(client, signal, () =>
        client.workflowService.getWorkflowExecutionHistory(request),
      ),
    );
    if ((answer.history?.events ?? []).length > 0) return;
    ({ nextPageToken } = answer);
  }
}

/**
 * Makes one call under a signal of its own that ends with the call. AbortSignal.any does not help,
 * because Node keeps signals that have listeners.
 */
async function withOwnSignal<T>(
  client: Client,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const abort = (): void => {
    own.abort(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await client.withAbortSignal(own.signal, call);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** A reset terminates the execution that it replaces. */
function isTerminated(error: unknown): boolean {
  return error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure;
}
