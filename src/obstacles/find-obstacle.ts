/**
 * Finds the obstacle in the way of an activity that does not end. It asks Temporal and inspects the
 * data root.
 */
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { FindObstacleInput, Obstacle } from '../contract/obstacle';
import type { CommandPlace } from '../contract/commands/printed-command';
import { leaseHolder } from '../files/run/lease';
import { isPaused } from '../files/run/run-records';
import { writerState } from '../files/process/writer-state';
import { livePollers } from '../server/live-pollers';
import type { OtherRun } from './lease-obstacle';
import { nameObstacle } from './name-obstacle';
import { pendingFacts, pendingInTheWay } from './pending-facts';

/**
 * The obstacle of the calling workflow's own activity; null when that activity has ended meanwhile.
 *
 * @throws Temporal's own errors while it does not answer.
 */
export async function findObstacle(options: {
  readonly input: FindObstacleInput;
  readonly client: Client;
  readonly place: CommandPlace;
  readonly patienceMs: number;
}): Promise<Obstacle | null> {
  const { input, client, place, patienceMs } = options;
  const { dataRoot } = place;
  const { workflowId, runId } = Context.current().info.workflowExecution ?? {};
  if (workflowId === undefined) return null;
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  const now = Context.current().info.currentAttemptScheduledTimestampMs;
  const pending = pendingInTheWay(raw.pendingActivities ?? [], input.activity, now);
  if (pending === undefined) return null;
  const workers = await livePollers(client, input.queue, input.taskQueue, now);
  return nameObstacle({
    input,
    place,
    workers,
    patienceMs,
    pending: pendingFacts(pending, workflowId, now),
    writers: writerState(dataRoot),
    lease: leaseOfOtherRun(dataRoot, input.runId),
  });
}

function leaseOfOtherRun(dataRoot: string, runId: string): OtherRun | null {
  const holder = leaseHolder(dataRoot);
  if (holder === null || holder.runId === runId) return null;
  return { ...holder, isPaused: isPaused({ root: dataRoot, runId: holder.runId }) };
}
