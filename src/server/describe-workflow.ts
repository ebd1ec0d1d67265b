/**
 * Describes a workflow that Temporal may not know: it was never started, is past its retention, or
 * belongs to another server.
 */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';

/**
 * Returns the newest execution of a workflow id; null when there is none.
 *
 * @throws Temporal's own errors while it does not answer.
 */
export async function describeIfKnown(
  client: Client,
  workflowId: string,
): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
