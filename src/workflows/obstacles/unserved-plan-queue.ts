/**
 * The obstacle that no worker polls the plan queue. It is the one queue about which no activity can
 * report, because the diagnosis itself runs there.
 */
import { ActivityFailure, TimeoutFailure, workflowInfo } from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import { workerCommand } from '../../contract/commands/printed-command';
import { queuePrefixOf, taskQueues } from '../../contract/task-queues';

/**
 * Reported without an activity: in the current details, and to the parent.
 *
 * @param since milliseconds since the epoch.
 * @param dataRoot null while no worker has named it.
 */
export function unservedPlanQueue(since: number, dataRoot: string | null): Obstacle {
  const queuePrefix = queuePrefixOf(workflowInfo().taskQueue);
  const seconds = Math.round((Date.now() - since) / 1_000);
  return {
    kind: 'unserved',
    queue: 'plan',
    code: null,
    words: `No answer from the queue ${taskQueues(queuePrefix).plan} for ${seconds} s: is a worker running? Nothing is lost meanwhile. If there is none, start one${dataRoot === null ? ', with the --data of this data root' : ''}:`,
    command: workerCommand('plan', { dataRoot, queuePrefix }),
    lockedSince: null,
    parksAt: null,
  };
}

export function isUnservedPlanQueue(obstacle: Obstacle | null): boolean {
  return obstacle?.kind === 'unserved' && obstacle.queue === 'plan';
}

/** True for an activity that no worker answered in time, as opposed to one that failed. */
export function isUnanswered(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.cause === undefined;
}
