/**
 * The obstacle that no worker polls the plan queue. It is the one queue about which no activity can
 * report, because the diagnosis itself runs there.
 */
import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import { queues } from '../activity-proxies';

/**
 * Reported without an activity: in the current details, and to the parent.
 *
 * @param since milliseconds since the epoch.
 */
export function unservedPlanQueue(since: number): Obstacle {
  const seconds = Math.round((Date.now() - since) / 1_000);
  return {
    kind: 'unserved',
    queue: 'plan',
    code: null,
    words: `No answer from the queue ${queues().plan} for ${seconds} s: is a worker running? Nothing is lost meanwhile. If there is none, start one, with the --data of this data root:`,
    command: 'artemis-pipeline worker --queues plan',
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
