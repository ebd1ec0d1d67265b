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
import { diagnosisActivities, queues } from '../activity-proxies';
import type { PlanQueueLiveness } from './plan-queue-liveness';
import { isUnanswered, unservedPlanQueue } from './unserved-plan-queue';

export interface Awaited extends Pick<RunRef, 'warehouseId' | 'runId'> {
  readonly queue: QueueName;
  /** The type of the one activity that `work` waits for. */
  readonly activity: string;
  /** The diagnosis runs on the plan queue. */
  readonly plan: PlanQueueLiveness;
  /** The first diagnosis runs after this time, and the pauses before the next ones grow. */
  readonly lateSeconds: number;
  /**
   * Called after each diagnosis, even one that got no answer. Not called again when `work` has
   * ended.
   */
  readonly report: (obstacle: Obstacle | null) => Promise<void>;
}

/**
 * The pauses between diagnoses grow to LONGEST_MS, with which a history holds a week of them. They
 * grow no further, because `status` considers a run cut off after five minutes without a record. In
 * milliseconds.
 */
const GROWTH = 1.5;
const LONGEST_MS = 240_000;

/**
 * Runs `work`. It costs one timer when it is in time, and one activity for each diagnosis when it
 * is late.
 *
 * @throws the errors of `work`; a cancellation when it was cancelled. Errors of the diagnosis are
 *   logged.
 */
export async function withDiagnosis<T>(awaited: Awaited, work: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  const diagnosing = scope.run(() => diagnoseRepeatedly(awaited)).catch(ignoreDiagnosisFailure);
  try {
    return await work();
  } catch (error) {
    throw asCancellation(error);
  } finally {
    scope.cancel();
    await diagnosing;
  }
}

/**
 * A stopped worker cannot confirm a cancellation, so its activity ends by the missing heartbeat.
 * That is not a failure of the step.
 */
function asCancellation(error: unknown): unknown {
  if (isCancellation(error) || !CancellationScope.current().consideredCancelled) return error;
  return new CancelledFailure('cancelled while it waited', [], error as Error);
}

async function diagnoseRepeatedly({ report, ...awaited }: Awaited): Promise<never> {
  let pause = awaited.lateSeconds * 1_000;
  for (;;) {
    await sleep(pause, { summary: `is ${awaited.activity} late?` });
    await diagnose(awaited).then(report, ignoreDiagnosisFailure);
    pause = Math.min(pause * GROWTH, Math.max(pause, LONGEST_MS));
  }
}

/**
 * Finds what is in the way of the calling workflow's activity. Without an answer, the obstacle is
 * that no worker polls the plan queue.
 */
export async function diagnose({
  warehouseId,
  runId,
  queue,
  activity,
  plan,
}: Omit<Awaited, 'report' | 'lateSeconds'>): Promise<Obstacle | null> {
  const taskQueue = queues()[queue];
  const since = Date.now();
  try {
    return await plan.ask(() =>
      diagnosisActivities().findObstacle.executeWithOptions(
        { summary: `what is in the way of ${activity}` },
        [{ warehouseId, runId, queue, activity, taskQueue }],
      ),
    );
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    return unservedPlanQueue(since, plan.dataRoot);
  }
}

/**
 * A cancelled diagnosis means that the work has ended. No other failure of a diagnosis may affect
 * the work.
 */
export function ignoreDiagnosisFailure(error: unknown): null {
  if (!isCancellation(error))
    log.warn('what is in the way could not be found out', { error: String(error) });
  return null;
}
