/** The result of a run, through its resets: each ends the execution that was followed, and begins another of the same run. */
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { TerminatedFailure } from '@temporalio/common';
import { runUnderWay } from '../../server/run-under-way';
import type { BegunRun } from './begin-run';

/** **Errors** WorkflowFailedError when the run's newest execution did not complete; Temporal's own. */
export async function resultOfRun(
  client: Client,
  run: Pick<BegunRun, 'workflowId' | 'runId' | 'executionRunId'>,
): Promise<unknown> {
  const { workflowId, runId, executionRunId } = run;
  const handle = client.workflow.getHandle(workflowId, executionRunId);
  try {
    return await handle.result();
  } catch (error) {
    if (!isTerminated(error)) throw error;
    const newest = await runUnderWay(client, workflowId);
    if (newest.runId !== runId || newest.executionRunId === executionRunId) throw error;
    return resultOfRun(client, { ...run, executionRunId: newest.executionRunId });
  }
}

/** A reset terminates the execution that it replaces. */
function isTerminated(error: unknown): boolean {
  return error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure;
}
