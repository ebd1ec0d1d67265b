/** `temporal workflow reset`, to before what a workflow did. */
import type { Pipeline } from './pipeline';

/** An event of a history. **Shape** as `temporal workflow show --output json` prints it, as far as it is read here. */
export interface HistoryEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly activityTaskScheduledEventAttributes?: { readonly activityId: string };
}

export async function historyOf(
  pipeline: Pipeline,
  workflowId: string,
): Promise<readonly HistoryEvent[]> {
  const list = await pipeline.temporal(
    ...['workflow', 'show', '--workflow-id', workflowId, '--output', 'json'],
  );
  return (JSON.parse(list) as { events: HistoryEvent[] }).events;
}

/** **Shape** an activity's id, or `child`. */
export function isCommand(name: string): (event: HistoryEvent) => boolean {
  return ({ eventType, activityTaskScheduledEventAttributes: activity }) =>
    name === 'child'
      ? eventType.endsWith('START_CHILD_WORKFLOW_EXECUTION_INITIATED')
      : activity?.activityId === name;
}

/** The event to which a workflow is reset, so that it does something again. **Errors** when it never did it. */
export async function eventBefore(
  pipeline: Pipeline,
  workflowId: string,
  command: string,
): Promise<string> {
  const events = await historyOf(pipeline, workflowId);
  const place = events.findIndex(isCommand(command));
  const before = events
    .slice(0, Math.max(0, place))
    .findLast(({ eventType }) => eventType.endsWith('WORKFLOW_TASK_COMPLETED'));
  if (before === undefined) throw new Error(`${workflowId} has no ${command}`);
  return before.eventId;
}

export async function resetToEvent(
  pipeline: Pipeline,
  workflowId: string,
  eventId: string,
  ...flags: readonly string[]
): Promise<void> {
  await pipeline.temporal(
    ...['workflow', 'reset', '--workflow-id', workflowId, '--reason', 'test'],
    ...['--event-id', eventId, ...flags],
  );
}

/** Resets a workflow to just before it did something, which it then does again. */
export async function resetToBefore(
  pipeline: Pipeline,
  workflowId: string,
  command: string,
): Promise<void> {
  await resetToEvent(pipeline, workflowId, await eventBefore(pipeline, workflowId, command));
}
