/** Nobody serves the plan queue: the one queue of which no activity can tell it, because the looks run there. */
import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import { queues } from '../activity-proxies';

/** Told without an activity: in current details, and to the parent. **Units** `since` ms since the epoch. */
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

/** An activity that no worker answered in its time, as against one that failed. */
export function isUnanswered(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.cause === undefined;
}
