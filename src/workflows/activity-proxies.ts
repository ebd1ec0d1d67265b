/** Every timeout and retry policy, with its reason. */
import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { RetryPolicy } from '@temporalio/common';
import type { DownloadActivities } from '../activities/download-activities';
import type { PlanActivities } from '../activities/plan-activities';
import type { WarehouseActivities } from '../activities/warehouse-activities';
import { BATCH_HEARTBEAT_TIMEOUT_MS } from '../contract/batch-timing';
import { taskQueuesBeside, type TaskQueues } from '../contract/task-queues';

/**
 * Attempts are unlimited, because crashes, restarts and pauses use them up too: an activity counts its own failures
 * and ends itself with a non-retryable one (activities/interceptors/failure-interceptor.ts).
 * No scheduleToStartTimeout anywhere: it is not retried, and it kills waiting for a standby.
 */
const RETRY: RetryPolicy = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' };

/** The queues beside this workflow's own. */
export function queues(): TaskQueues {
  return taskQueuesBeside(workflowInfo().taskQueue);
}

/** Short duties of the plan queue: a record is written in milliseconds, so a minute means that something is wrong. */
export function recordActivities(): Pick<
  ReturnType<typeof proxyActivities<PlanActivities>>,
  'openRun' | 'readPlanPage' | 'recordProgress' | 'recallBatches' | 'closeRun'
> {
  return proxyActivities<PlanActivities>({
    taskQueue: queues().plan,
    startToCloseTimeout: '1 minute',
    retry: RETRY,
  });
}

/** A look at what is in the way: one that does not come in time is left out, the next comes soon. */
export function lookActivities(): Pick<
  ReturnType<typeof proxyActivities<PlanActivities>>,
  'findObstacle'
> {
  return proxyActivities<PlanActivities>({
    taskQueue: queues().plan,
    startToCloseTimeout: '20s',
    scheduleToCloseTimeout: '1 minute',
    retry: RETRY,
  });
}

/** Long duties of the plan queue: 10 M rows take minutes, a lease as long as the other run; the heartbeat tells life from death. */
export function planActivities(): Pick<
  ReturnType<typeof proxyActivities<PlanActivities>>,
  'parseCatalog' | 'planDownloads' | 'awaitLease'
> {
  return proxyActivities<PlanActivities>({
    taskQueue: queues().plan,
    startToCloseTimeout: '30 days',
    heartbeatTimeout: '20s',
    retry: RETRY,
  });
}

/**
 * Batches end by themselves after their time box, so ten minutes means a hung attempt. Cancellation waits until the batch has
 * closed its ledger: the flush must not race with batches that still write.
 */
export function downloadActivities(): ReturnType<typeof proxyActivities<DownloadActivities>> {
  return proxyActivities<DownloadActivities>({
    taskQueue: queues().download,
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: BATCH_HEARTBEAT_TIMEOUT_MS,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: RETRY,
  });
}

/** Writes: an hour covers a merge of 10 M rows on a slow disk; a dead worker is seen by the missing heartbeat. */
export function warehouseActivities(): ReturnType<typeof proxyActivities<WarehouseActivities>> {
  return proxyActivities<WarehouseActivities>({
    taskQueue: queues().warehouse,
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '10s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: RETRY,
  });
}

/**
 * The last words of a run that did not complete: worth half a minute, not a run that never ends because the warehouse is
 * broken; a few seconds when it is known that something is in the way.
 */
export function closingActivities(
  isBlocked: boolean,
): ReturnType<typeof proxyActivities<WarehouseActivities>> {
  const timeout = isBlocked ? '5s' : '30s';
  return proxyActivities<WarehouseActivities>({
    taskQueue: queues().warehouse,
    startToCloseTimeout: timeout,
    scheduleToCloseTimeout: timeout,
    heartbeatTimeout: '10s',
    retry: RETRY,
  });
}
