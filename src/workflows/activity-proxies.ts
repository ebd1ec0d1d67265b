/** The timeouts and the retry policy of every activity, each with its reason. */
import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { RetryPolicy } from '@temporalio/common';
import type { DownloadActivities } from '../activities/download-activities';
import type { FeatureActivities } from '../activities/feature-activities';
import type { PlanActivities } from '../activities/plan-activities';
import type { WarehouseActivities } from '../activities/warehouse-activities';
import { BATCH_HEARTBEAT_TIMEOUT_MS } from '../contract/batch-timing';
import { taskQueuesBeside, type TaskQueues } from '../contract/task-queues';

/**
 * The number of attempts is unlimited, because crashes, restarts and pauses use attempts up as
 * well. An activity counts its own failures and ends itself with a non-retryable one
 * (activities/interceptors/failure-interceptor.ts). No activity has a scheduleToStartTimeout:
 * Temporal does not retry after it, and it would end the wait for a standby.
 */
const RETRY: RetryPolicy = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' };

/** The task queues that belong to this workflow's own queue. */
export function queues(): TaskQueues {
  return taskQueuesBeside(workflowInfo().taskQueue);
}

/**
 * Short activities of the plan queue. A record is written in milliseconds, so a minute means that
 * something is wrong.
 */
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

/**
 * The activity that finds out what is in the way. A diagnosis that takes too long is skipped,
 * because the next one follows soon.
 */
export function diagnosisActivities(): Pick<
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

/**
 * Long activities of the plan queue. 10 million rows take minutes, and a lease takes as long as the
 * other run. The heartbeat shows that the worker is alive.
 */
export function planActivities(): Pick<
  ReturnType<typeof proxyActivities<PlanActivities>>,
  | 'parseCatalog'
  | 'planDownloads'
  | 'planFeatures'
  | 'awaitLease'
  | 'findClusters'
  | 'computeEmbeddings'
  | 'bindModels'
  | 'buildModels'
> {
  return proxyActivities<PlanActivities>({
    taskQueue: queues().plan,
    startToCloseTimeout: '30 days',
    heartbeatTimeout: '20s',
    retry: RETRY,
  });
}

/**
 * Batches end by themselves after their time box, so an attempt that runs for ten minutes hangs.
 * Cancellation waits until the batch has closed its ledger, because the flush must not run while
 * batches still write.
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

/**
 * The same for batches of features. A batch that is cancelled, for a pause or with its run, returns
 * its place.
 */
export function featureActivities(): ReturnType<typeof proxyActivities<FeatureActivities>> {
  return proxyActivities<FeatureActivities>({
    taskQueue: queues().features,
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: BATCH_HEARTBEAT_TIMEOUT_MS,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: RETRY,
  });
}

/**
 * Writes of the warehouse. An hour covers a merge of 10 million rows on a slow disk. A missing
 * heartbeat shows that the worker is dead.
 */
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
 * The last write of a run that did not complete. It may take half a minute, so that the run ends
 * even if the warehouse is broken, and only a few seconds when something is known to be in the way.
 */
export function closingActivities({
  isBlocked,
}: {
  readonly isBlocked: boolean;
}): ReturnType<typeof proxyActivities<WarehouseActivities>> {
  const timeout = isBlocked ? '5s' : '30s';
  return proxyActivities<WarehouseActivities>({
    taskQueue: queues().warehouse,
    startToCloseTimeout: timeout,
    scheduleToCloseTimeout: timeout,
    heartbeatTimeout: '10s',
    retry: RETRY,
  });
}
