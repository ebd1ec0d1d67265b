/** Finds out what is in the way of an activity that does not come to its end: asks Temporal, and looks at the data root. */
import { Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { FindObstacleInput, Obstacle } from '../contract/obstacle';
import { leaseHolder } from '../files/lease';
import { isPaused } from '../files/run-records';
import { writerState } from '../files/writer-state';
import { livePollers } from '../server/live-pollers';
import type { OtherRun } from './lease-obstacle';
import { nameObstacle, type PendingFacts } from './name-obstacle';

type Pending = temporal.api.workflow.v1.IPendingActivityInfo;

const { PENDING_ACTIVITY_STATE_STARTED, PENDING_ACTIVITY_STATE_PAUSE_REQUESTED } =
  temporal.api.enums.v1.PendingActivityState;

const counters = z.object({ waitingSince: z.number().nullable() });

/**
 * The obstacle of the calling workflow's own activity; null when that has ended meanwhile.
 *
 * **Errors** Temporal's own while it cannot be asked.
 */
export async function findObstacle(options: {
  readonly input: FindObstacleInput;
  readonly client: Client;
  readonly dataRoot: string;
  readonly patienceMs: number;
}): Promise<Obstacle | null> {
  const { input, client, dataRoot, patienceMs } = options;
  const { workflowId, runId } = Context.current().info.workflowExecution ?? {};
  if (workflowId === undefined) return null;
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  const ofType = raw.pendingActivities?.filter(
    ({ activityType }) => activityType?.name === input.activity,
  );
  // Of several (batches) one that is at work, if there is one: then somebody serves the queue.
  const pending = ofType?.find(isStarted) ?? ofType?.[0];
  if (pending === undefined) return null;
  const now = Context.current().info.currentAttemptScheduledTimestampMs;
  const workers = await livePollers(client, input.queue, input.taskQueue, now);
  return nameObstacle({
    ...{ input, dataRoot, workers, patienceMs },
    pending: factsOf(pending, workflowId),
    writers: writerState(dataRoot),
    lease: othersLease(dataRoot, input.runId),
  });
}

function othersLease(dataRoot: string, runId: string): OtherRun | null {
  const holder = leaseHolder(dataRoot);
  if (holder === null || holder.runId === runId) return null;
  return { ...holder, isPaused: isPaused({ root: dataRoot, runId: holder.runId }) };
}

/** Told to pause while it is at work, it goes on to its end. */
function isStarted({ state }: Pending): boolean {
  return (
    state === PENDING_ACTIVITY_STATE_STARTED || state === PENDING_ACTIVITY_STATE_PAUSE_REQUESTED
  );
}

function factsOf(pending: Pending, workflowId: string): PendingFacts {
  const { lastFailure, pauseInfo } = pending;
  const failure = lastFailure?.applicationFailureInfo;
  return {
    activityId: pending.activityId ?? '',
    workflowId,
    isStarted: isStarted(pending),
    pausedBecause: pending.paused === true ? (pauseInfo?.manual?.reason ?? '') : null,
    worker: pending.lastWorkerIdentity ?? null,
    lastFailure:
      lastFailure == null
        ? null
        : { code: failure?.type ?? 'timeout', message: lastFailure.message ?? '' },
    waitingSince: waitingSince(pending),
  };
}

/** As its failures count it; see failure-counters.ts. */
function waitingSince({ heartbeatDetails }: Pending): number | null {
  const payload = heartbeatDetails?.payloads?.[0];
  if (payload == null) return null;
  const parsed = counters.safeParse(defaultPayloadConverter.fromPayload(payload));
  return parsed.success ? parsed.data.waitingSince : null;
}
