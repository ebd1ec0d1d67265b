/**
 * The pending activities of a workflow, as `temporal workflow describe` and the Web UI show them.
 */
import type { Pipeline } from './pipeline';
import { until } from '../until';

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
  const text = await pipeline.temporal(
    ...['workflow', 'describe', '--workflow-id', workflowId, '--output', 'json'],
  );
  const { pendingActivities: pending } = JSON.parse(text) as {
    readonly pendingActivities?: readonly PendingActivity[];
  };
  return pending ?? [];
}

/**
 * Waits for a pending activity for which `isSo` is true, and returns the first.
 *
 * @throws an Error when there is none in time.
 */
export async function pendingWhen(
  pipeline: Pipeline,
  workflowId: string,
  isSo: (activity: PendingActivity) => boolean,
  seconds = 40,
): Promise<PendingActivity> {
  let pending: readonly PendingActivity[] = [];
  const look = async (): Promise<PendingActivity | undefined> => {
    pending = await pendingActivities(pipeline, workflowId);
    return pending.find(isSo);
  };
  const saying = (): string =>
    `an activity of ${workflowId} that is as wanted: ${JSON.stringify(pending)}`;
  return until(look, { within: seconds, every: 250, saying });
}
