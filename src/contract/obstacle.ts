/** What is in the way of an activity that does not come to its end; found by `findObstacle` (or `awaitLease`), shown to people while it lasts. */
import type { RunRef } from './run-ref';
import type { QueueName } from './task-queues';

/**
 * `locked`: another program has the warehouse open. `stopped`: the worker is stopped (SIGSTOP). `unserved`: no worker takes
 * the activity. `paused`: an operator has paused the activity (`temporal activity pause`), not the run. `failing`: it fails, and is tried again. `lease`: another run downloads. `busy`: a worker is at
 * it, or will be.
 */
export type ObstacleKind =
  'locked' | 'stopped' | 'unserved' | 'paused' | 'failing' | 'lease' | 'busy';

/** **Shape** times are ISO 8601 UTC, and null unless `locked`. */
export interface Obstacle {
  readonly kind: ObstacleKind;
  /** Where the activity waits. */
  readonly queue: QueueName;
  /** Which activity of the calling workflow, where only that one stands still: others of its type go on. */
  readonly activityId?: string;
  /** The code of the failure that the step will have if it lasts; null when it will have none. */
  readonly code: string | null;
  /** What is seen, and what to do. */
  readonly words: string;
  /** What to type about it; ends the words. */
  readonly command: string | null;
  readonly lockedSince: string | null;
  /** When the step's patience ends. */
  readonly parksAt: string | null;
}

export interface FindObstacleInput extends RunRef {
  readonly queue: QueueName;
  readonly taskQueue: string;
  /** The type of the activity that is waited for; the calling workflow has one of it in flight. */
  readonly activity: string;
}

/** True when nothing will move until somebody does something about it. */
export function isBlocking(obstacle: Obstacle | null): boolean {
  return obstacle !== null && ['locked', 'stopped', 'unserved', 'paused'].includes(obstacle.kind);
}
