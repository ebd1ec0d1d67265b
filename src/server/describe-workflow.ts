/** What Temporal knows of a workflow that may be unknown to it: never started, past its retention, or another server's. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';

/** The newest execution under an id; null when there is none. **Errors** Temporal's own while it cannot be asked. */
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
