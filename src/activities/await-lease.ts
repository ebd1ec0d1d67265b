/** The download lease: one run at a time downloads into a data root, so that nothing is fetched twice. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { AwaitLeaseInput, AwaitLeaseResult } from '../contract/payloads';
import { leaseHolder, takeLease, type LeaseHolder } from '../files/lease';
import { withPulse } from './pulse';

/** **Units** ms between two looks at the holder. */
const LOOK_MS = 1_000;

/**
 * Waits until the holder's child workflow is closed or unknown to Temporal, then takes the lease.
 * A holder that is gone blocks nobody; there is nothing to release.
 *
 * **Errors** cancellation; Temporal's own while it cannot be asked (retried).
 */
export function awaitLease(options: {
  readonly dataRoot: string;
  readonly input: AwaitLeaseInput;
  readonly client: Client;
}): Promise<AwaitLeaseResult> {
  const { dataRoot, input, client } = options;
  const startedAt = Date.now();
  let waitingFor: string | null = null;
  const mine = { runId: input.runId, childWorkflowId: input.childWorkflowId };
  return withPulse({
    details: () => ({ waitingFor }),
    work: async (signal) => {
      for (;;) {
        const holder = leaseHolder(dataRoot);
        if (holder?.runId === mine.runId) break;
        const isFree =
          holder === null || !(await isDownloading(client, holder, mine.childWorkflowId));
        if (isFree && takeLease(dataRoot, holder, mine)) break;
        waitingFor = holder?.childWorkflowId ?? null;
        await delay(LOOK_MS, undefined, { signal });
      }
      return { waitedSeconds: (Date.now() - startedAt) / 1_000 };
    },
  });
}

async function isDownloading(client: Client, holder: LeaseHolder, ownId: string): Promise<boolean> {
  // The id is mine now: the run that held the lease under it is closed.
  if (holder.childWorkflowId === ownId || holder.childWorkflowId === '') return false;
  try {
    const description = await client.workflow.getHandle(holder.childWorkflowId).describe();
    return description.status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
