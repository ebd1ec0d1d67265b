/**
 * Selects, from Temporal's pending activities, the one that is in the way, and extracts the
 * relevant facts. Pure functions.
 */
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { z } from 'zod';
import { protoMilliseconds } from '../server/proto-milliseconds';
import type { PendingFacts } from './name-obstacle';

/** A pending activity as `describe` returns it. */
export type Pending = temporal.api.workflow.v1.IPendingActivityInfo;

const { PENDING_ACTIVITY_STATE_STARTED, PENDING_ACTIVITY_STATE_PAUSE_REQUESTED } =
  temporal.api.enums.v1.PendingActivityState;

const counters = z.object({ waitingSince: z.number().nullable() });

/**
 * Selects one of several pending activities (batches): first one that an operator has paused,
 * because only an operator can resume it whatever the others do, and then one that is running,
 * because it shows that a worker polls the queue. Undefined when none is pending.
 *
 * @param now milliseconds since the epoch, by the server's clock.
 */
export function pendingInTheWay(
  all: readonly Pending[],
  activity: string,
  now: number,
): Pending | undefined {
  const ofType = all.filter(({ activityType }) => activityType?.name === activity);
  const isPaused = (pending: Pending): boolean =>
    pending.paused === true && !isRunning(pending, now);
  const isBusy = (pending: Pending): boolean => isRunning(pending, now);
  return ofType.find(isPaused) ?? ofType.find(isBusy) ?? ofType[0];
}

/**
 * The relevant facts of a pending activity.
 *
 * @param now milliseconds since the epoch, by the server's clock.
 */
export function pendingFacts(pending: Pending, workflowId: string, now: number): PendingFacts {
  const { lastFailure, pauseInfo } = pending;
  const failure = lastFailure?.applicationFailureInfo;
  return {
    activityId: pending.activityId ?? '',
    workflowId,
    isStarted: isRunning(pending, now),
    pausedBecause: pending.paused === true ? (pauseInfo?.manual?.reason ?? '') : null,
    worker: pending.lastWorkerIdentity ?? null,
    lastFailure:
      lastFailure == null
        ? null
        : { code: failure?.type ?? 'timeout', message: lastFailure.message ?? '' },
    waitingSince: waitingSince(pending),
  };
}

/**
 * True for an activity that is running. One that is to pause while it runs still continues to its
 * end.
 */
function isRunning(pending: Pending, now: number): boolean {
  if (pending.state === PENDING_ACTIVITY_STATE_STARTED) return true;
  return pending.state === PENDING_ACTIVITY_STATE_PAUSE_REQUESTED && !isOrphaned(pending, now);
}

/**
 * True for an activity that was reset after it had been asked to pause. The server gives its
 * attempt another number, receives nothing from the attempt any more, and keeps the activity's
 * state at "pause requested" for ever. Observed with Temporal server 1.32.
 */
function isOrphaned(
  { lastHeartbeatTime, lastStartedTime, activityOptions }: Pending,
  now: number,
): boolean {
  const heartbeat = protoMilliseconds(activityOptions?.heartbeatTimeout);
  const lastSignAt = Math.max(...[lastHeartbeatTime, lastStartedTime].map(protoMilliseconds));
  const mostMs =
    heartbeat > 0 ? heartbeat : protoMilliseconds(activityOptions?.startToCloseTimeout);
  return mostMs > 0 && now - lastSignAt > mostMs + 1_000;
}

/** The time at which the activity began to wait; see failure-counters.ts. */
function waitingSince({ heartbeatDetails }: Pending): number | null {
  const payload = heartbeatDetails?.payloads?.[0];
  if (payload == null) return null;
  const parsed = counters.safeParse(defaultPayloadConverter.fromPayload(payload));
  return parsed.success ? parsed.data.waitingSince : null;
}
