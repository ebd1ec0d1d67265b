/** Waits for an activity, and finds out what is in its way when it is late. */
import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  log,
  sleep,
} from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import type { RunRef } from '../../contract/run-ref';
import type { QueueName } from '../../contract/task-queues';
import { lookActivities, queues } from '../activity-proxies';
import type { PlanQueueLiveness } from './plan-queue-liveness';
import { isUnanswered, unservedPlanQueue } from './unserved-plan-queue';

export interface Awaited extends Pick<RunRef, 'warehouseId' | 'runId'> {
  readonly queue: QueueName;
  /** The type of the one activity that `work` waits for. */
  readonly activity: string;
  /** Looks run on the plan queue. */
  readonly plan: PlanQueueLiveness;
  /** The first look comes after so long, the next ones ever later. */
  readonly lateSeconds: number;
  /** Called after each look, also one that nobody answered; not called again when `work` has ended. */
  readonly show: (obstacle: Obstacle | null) => Promise<void>;
}

/**
 * Looks grow apart, for history's sake: at this distance a history holds a week of them. `status` takes a run of which nothing was
 * heard for five minutes for cut off. **Units** ms.
 */
const GROWTH = 1.5;
const LONGEST_MS = 240_000;

/**
 * Runs `work`. In time it costs a timer; a late one an activity for each look.
 *
 * **Errors** those of `work`, a cancellation when it was cancelled; never the looks’ own.
 */
export async function withDiagnosis<T>(awaited: Awaited, work: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  const looking = scope.run(() => lookAgainAndAgain(awaited)).catch(notEnded);
  try {
    return await work();
  } catch (error) {
    throw afterCancel(error);
  } finally {
    scope.cancel();
    await looking;
  }
}

/** A stopped worker cannot confirm a cancel: its activity ends by the missing heartbeat, which is no failure of the step then. */
function afterCancel(error: unknown): unknown {
  if (isCancellation(error) || !CancellationScope.current().consideredCancelled) return error;
  return new CancelledFailure('cancelled while it waited', [], error as Error);
}

async function lookAgainAndAgain({ show, ...awaited }: Awaited): Promise<never> {
  let pause = awaited.lateSeconds * 1_000;
  for (;;) {
    await sleep(pause, { summary: `is ${awaited.activity} late?` });
    await diagnose(awaited).then(show, notEnded);
    pause = Math.min(pause * GROWTH, Math.max(pause, LONGEST_MS));
  }
}

/** What is in the way of the calling workflow's activity; that nobody serves the plan queue, when nobody answers. */
export async function diagnose({
  warehouseId,
  runId,
  queue,
  activity,
  plan,
}: Omit<Awaited, 'show' | 'lateSeconds'>): Promise<Obstacle | null> {
  const taskQueue = queues()[queue];
  const since = Date.now();
  try {
    return await plan.ask(() =>
      lookActivities().findObstacle.executeWithOptions(
        { summary: `what is in the way of ${activity}` },
        [{ warehouseId, runId, queue, activity, taskQueue }],
      ),
    );
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    return unservedPlanQueue(since);
  }
}

/** The look's own cancellation means that the work has ended; any other failure must not hurt the work. */
export function notEnded(error: unknown): null {
  if (!isCancellation(error))
    log.warn('what is in the way could not be found out', { error: String(error) });
  return null;
}
