/** Starts a run, or joins the run that is under way with the same id and the same input. */
import {
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { RUN_PIPELINE } from '../../contract/operator';
import { staticDetails, staticSummary } from '../../contract/static-details';
import {
  type TerminalPlace,
  statusCommand,
  ourTemporalCommand,
  workerCommand,
} from '../../contract/commands/printed-command';
import { shellWord } from '../../contract/commands/shell-word';
import { runUnderWay } from '../../server/run-under-way';
import { inputDifferences } from '../../input/input-differences';
import type { RunRequest } from './run-request';
import { UsageError } from '../usage-error';

/**
 * A run to follow. `runId` survives a reset, and `executionRunId` does not. `isJoined` is true when
 * another command started it.
 */
export interface BegunRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly executionRunId: string;
  readonly isJoined: boolean;
  readonly handle: WorkflowHandle;
}

/**
 * @throws UsageError when another run or workflow is under way with that id; Temporal's own errors.
 */
export async function beginRun(
  client: Client,
  taskQueue: string,
  request: RunRequest,
  place: TerminalPlace,
): Promise<BegunRun> {
  const { workflowId, input } = request;
  try {
    const handle = await client.workflow.start(RUN_PIPELINE, {
      taskQueue,
      workflowId,
      args: [input],
      staticSummary: staticSummary(input),
      staticDetails: staticDetails(input),
    });
    const runId = handle.firstExecutionRunId;
    return { workflowId, runId, executionRunId: runId, isJoined: false, handle };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return joinRun(client, taskQueue, request, place);
  }
}

async function joinRun(
  client: Client,
  taskQueue: string,
  { workflowId, input }: RunRequest,
  place: TerminalPlace,
): Promise<BegunRun> {
  const other = await runUnderWay(client, workflowId);
  const id = JSON.stringify(workflowId);
  if (other.type !== RUN_PIPELINE || other.taskQueue !== taskQueue)
    throw new UsageError(
      `the id ${id} is taken: a workflow ${other.type} on the queue ${other.taskQueue} is under way under it. Choose another --workflow-id.`,
    );
  const word = shellWord(workflowId);
  const differences = inputDifferences(other.input, input);
  if (differences.length > 0)
    throw new UsageError(
      `the run ${id} is under way with another input, and yours would not be used: ${differences.join('; ')}. Wait for its end (${statusCommand(workflowId, place.dataRoot)}), end it (with "${workerCommand('all', place)}" running in another terminal: ${ourTemporalCommand(`workflow cancel --workflow-id ${word}`, place)}), or choose another --workflow-id: that run waits for its turn.`,
    );
  const { runId, executionRunId } = other;
  const handle = client.workflow.getHandle(workflowId, executionRunId);
  return { workflowId, runId, executionRunId, isJoined: true, handle };
}
