/** The pending activities of a workflow, as `temporal workflow describe` and the Web UI show them. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pipeline } from './pipeline';

export interface PendingActivity {
  readonly activityId: string;
  readonly activityType: { readonly name: string };
  readonly state: string;
  readonly attempt: number;
  readonly paused?: boolean;
  readonly heartbeatDetails?: readonly unknown[];
  readonly activityOptions?: { readonly heartbeatTimeout?: string };
}

export async function pendingActivities(
  pipeline: Pipeline,
  workflowId: string,
): Promise<readonly PendingActivity[]> {
  const text = await pipeline.expectFine(
    ...['temporal', 'workflow', 'describe', '--workflow-id', workflowId, '--output', 'json'],
  );
  const { pendingActivities: pending } = JSON.parse(text) as {
    readonly pendingActivities?: readonly PendingActivity[];
  };
  return pending ?? [];
}

/** The first that is so. **Errors** when there is none in time. */
export async function pendingWhen(
  pipeline: Pipeline,
  workflowId: string,
  isSo: (activity: PendingActivity) => boolean,
  seconds = 40,
): Promise<PendingActivity> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const pending = await pendingActivities(pipeline, workflowId);
    const found = pending.find(isSo);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`in vain: ${JSON.stringify(pending)}`);
    await delay(200);
  }
}
