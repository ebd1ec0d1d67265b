/** From what Temporal tells of pending activities to the one that is in the way, and what matters of it: pure. */
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { z } from 'zod';
import { protoMilliseconds } from '../server/proto-milliseconds';
import type { PendingFacts } from './name-obstacle';

/** As `describe` tells it. */
export type Pending = temporal.api.workflow.v1.IPendingActivityInfo;

const { PENDING_ACTIVITY_STATE_STARTED, PENDING_ACTIVITY_STATE_PAUSE_REQUESTED } =
  temporal.api.enums.v1.PendingActivityState;

const counters = z.object({ waitingSince: z.number().nullable() });

/**
 * Of several (batches) first one that an operator has paused: only a person can let it go on, whatever the others do. Then one that
 * is at work: somebody serves the queue. Undefined when none is pending. **Units** `now` ms since the epoch, by the server's clock.
 */
export function pendingInTheWay(
  all: readonly Pending[],
  activity: string,
  now: number,
): Pending | undefined {
  const ofType = all.filter(({ activityType }) => activityType?.name === activity);
  const isPaused = (pending: Pending): boolean =>
    pending.paused === true && !isAtWork(pending, now);
  const isBusy = (pending: Pending): boolean => isAtWork(pending, now);
  return ofType.find(isPaused) ?? ofType.find(isBusy) ?? ofType[0];
}

/** **Units** `now` ms since the epoch, by the server's clock. */
export function factsOf(pending: Pending, workflowId: string, now: number): PendingFacts {
  const { lastFailure, pauseInfo } = pending;
  const failure = lastFailure?.applicationFailureInfo;
  return {
    activityId: pending.activityId ?? '',
    workflowId,
    isStarted: isAtWork(pending, now),
    pausedBecause: pending.paused === true ? (pauseInfo?.manual?.reason ?? '') : null,
    worker: pending.lastWorkerIdentity ?? null,
    lastFailure:
      lastFailure == null
        ? null
        : { code: failure?.type ?? 'timeout', message: lastFailure.message ?? '' },
    waitingSince: waitingSince(pending),
  };
}

/** Told to pause while it is at work, it goes on to its end. */
function isAtWork(pending: Pending, now: number): boolean {
  if (pending.state === PENDING_ACTIVITY_STATE_STARTED) return true;
  return pending.state === PENDING_ACTIVITY_STATE_PAUSE_REQUESTED && !isOrphaned(pending, now);
}

/**
 * Reset after it was told to pause: the server gives its attempt another number, hears nothing from it any more, and leaves it at
 * "told to pause" for ever. **Source** seen with Temporal server 1.32.
 */
function isOrphaned(
  { lastHeartbeatTime, lastStartedTime, activityOptions }: Pending,
  now: number,
): boolean {
  const heartbeat = protoMilliseconds(activityOptions?.heartbeatTimeout);
  const heardAt = Math.max(...[lastHeartbeatTime, lastStartedTime].map(protoMilliseconds));
  const mostMs =
    heartbeat > 0 ? heartbeat : protoMilliseconds(activityOptions?.startToCloseTimeout);
  return mostMs > 0 && now - heardAt > mostMs + 1_000;
}

/** As its failures count it; see failure-counters.ts. */
function waitingSince({ heartbeatDetails }: Pending): number | null {
  const payload = heartbeatDetails?.payloads?.[0];
  if (payload == null) return null;
  const parsed = counters.safeParse(defaultPayloadConverter.fromPayload(payload));
  return parsed.success ? parsed.data.waitingSince : null;
}
