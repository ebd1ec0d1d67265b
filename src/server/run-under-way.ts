/** Describes the run that is under way with a workflow id. */
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

/**
 * `runId` survives a reset, and `executionRunId` does not. `input` is the workflow's first
 * argument.
 */
export interface RunUnderWay {
  readonly type: string;
  readonly taskQueue: string;
  readonly runId: string;
  readonly executionRunId: string;
  readonly input: unknown;
}

/**
 * Returns the run under way, or the newest one when it has just ended.
 *
 * @throws Temporal's own errors.
 */
export async function runUnderWay(client: Client, workflowId: string): Promise<RunUnderWay> {
  const { type, taskQueue, runId } = await client.workflow.getHandle(workflowId).describe();
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const argument = started?.input?.payloads?.[0];
  return {
    type,
    taskQueue,
    executionRunId: runId,
    runId: started?.originalExecutionRunId ?? runId,
    input: argument == null ? undefined : defaultPayloadConverter.fromPayload(argument),
  };
}
