/** Resets a workflow to the moment before it did something. */
import type { Pipeline } from './pipeline';

/**
 * An event of a history as `temporal workflow show --output json` prints it. Only the fields that
 * are read here are listed.
 */
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

/** `name` is the id of an activity, or `child`. */
export function isCommand(name: string): (event: HistoryEvent) => boolean {
  return ({ eventType, activityTaskScheduledEventAttributes: activity }) =>
    name === 'child'
      ? eventType.endsWith('START_CHILD_WORKFLOW_EXECUTION_INITIATED')
      : activity?.activityId === name;
}

/**
 * The event to which a workflow must be reset so that it does something again.
 *
 * @throws an Error when the workflow never did it.
 */
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
