/**
 * The obstacle that keeps an activity from ending. `findObstacle` or `awaitLease` finds it, and it
 * is shown to users while it lasts.
 */
import type { RunRef } from './run-ref';
import type { QueueName } from './task-queues';

/**
 * - `locked`: another program has the warehouse open.
 * - `stopped`: the worker is stopped (SIGSTOP).
 * - `unserved`: no worker polls the queue of the activity.
 * - `paused`: an operator has paused the activity (`temporal activity pause`), not the run.
 * - `failing`: the activity fails and is retried.
 * - `lease`: another run downloads.
 * - `busy`: a worker runs the activity, or will run it soon.
 */
export type ObstacleKind =
  'locked' | 'stopped' | 'unserved' | 'paused' | 'failing' | 'lease' | 'busy';

/** Times are ISO 8601 UTC, and null unless the kind is `locked`. */
export interface Obstacle {
  readonly kind: ObstacleKind;
  /** The queue in which the activity waits. */
  readonly queue: QueueName;
  /**
   * The id of the waiting activity, when only this one is affected and others of its type continue.
   */
  readonly activityId?: string;
  /**
   * The code of the failure that the step will have if the obstacle remains; null when it will have
   * none.
   */
  readonly code: string | null;
  /** What was found and what to do, for users. */
  readonly words: string;
  /** The command to type. It is shown after the text. */
  readonly command: string | null;
  readonly lockedSince: string | null;
  /** When the step fails if the obstacle remains. */
  readonly parksAt: string | null;
}

export interface FindObstacleInput extends RunRef {
  readonly queue: QueueName;
  readonly taskQueue: string;
  /**
   * The type of the activity that the calling workflow waits for. One activity of this type is
   * under way.
   */
  readonly activity: string;
}

/** True when nothing will change until someone removes the obstacle. */
export function isBlocking(obstacle: Obstacle | null): boolean {
  return obstacle !== null && ['locked', 'stopped', 'unserved', 'paused'].includes(obstacle.kind);
}
