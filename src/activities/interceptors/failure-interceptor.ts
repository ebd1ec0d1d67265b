/**
 * The one place where errors of activities become ApplicationFailures, and where an activity's own
 * failures are counted.
 */
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  Next,
} from '@temporalio/worker';
import type { Context } from '@temporalio/activity';
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  CancelledFailure,
} from '@temporalio/common';
import { z } from 'zod';
import { StepError } from '../../contract/errors';
import type { Tuning } from '../../contract/payloads';
import { AttemptFenced } from '../../download/attempt-fence';
import { NoRoomIsolated } from '../../download/isolation/no-room-isolated';
import { countersOf, type FailureCounters } from './failure-counters';
import { shortError, shortText } from '../short-error';

/**
 * How many of its own failures an activity survives: the fourth is final. Crashes and hand-overs do
 * not count.
 */
const MOST_OWN_FAILURES = 3;

/** The field of a commit that continues the wait of an earlier one. */
const lockedSinceSchema = z.object({
  lockedSince: z
    .string()
    .transform((at) => Date.parse(at))
    .nullish(),
});

/**
 * Turns domain errors into failures that Temporal understands. `type` is the code; `nonRetryable`
 * is set when a person must act.
 *
 * Cancellation is rethrown unchanged. A worker's shutdown becomes a failure that is retried at once
 * on another worker.
 */
export function failureInterceptor(
  context: Context,
  { lockPatienceSeconds }: Pick<Tuning, 'lockPatienceSeconds'>,
): ReturnType<ActivityInterceptorsFactory> {
  const inbound: ActivityInboundCallsInterceptor = {
    async execute(
      input: ActivityExecuteInput,
      next: Next<ActivityInboundCallsInterceptor, 'execute'>,
    ) {
      try {
        return await next(input);
      } catch (error) {
        const lockedBefore = lockedSinceSchema.safeParse(input.args[0]).data?.lockedSince ?? null;
        throw asFailure(error, { context, lockedBefore, patienceMs: lockPatienceSeconds * 1_000 });
      }
    },
  };
  return { inbound };
}

interface Circumstances {
  readonly context: Context;
  /** Since when the previous commit waited, in milliseconds since the epoch. */
  readonly lockedBefore: number | null;
  readonly patienceMs: number;
}

function asFailure(error: unknown, { context, lockedBefore, patienceMs }: Circumstances): unknown {
  const { cancellationSignal } = context;
  if (cancellationSignal.aborted) return afterCancellation(cancellationSignal.reason);
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof AttemptFenced) return afterFence(error);
  if (error instanceof NoRoomIsolated) return trySoon('no_room_apart', error);
  // The server's clock, because the clocks of workers may differ or be set.
  const now = context.info.currentAttemptScheduledTimestampMs;
  const counters = countFailure(error, countersOf(context), lockedBefore ?? now);
  const isPatient = counters.waitingSince === null || now - counters.waitingSince <= patienceMs;
  // The counters are passed on in the last heartbeat, because Temporal's attempt number includes
  // crashes and restarts.
  context.heartbeat({ ...heartbeatDetailsOf(context), ...counters });
  return ApplicationFailure.create({
    type: codeOf(error),
    message: `${messageOf(error)}${isPatient ? '' : endOfPatienceText(counters)}`,
    nonRetryable: isFinal(error, { counters, isPatient }),
    ...(error instanceof Error ? { cause: shortError(error) } : {}),
  });
}

function afterCancellation(reason: unknown): unknown {
  if (reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN') {
    return ApplicationFailure.create({
      type: 'worker_shutdown',
      message:
        'This worker is shutting down; the work goes on from its ledgers on another one, or when a worker is back.',
      nextRetryDelay: '100ms',
    });
  }
  return reason;
}

/**
 * A superseded attempt needs no warning: it was ended on purpose, and the server discards its
 * result.
 */
function afterFence({ code, message }: AttemptFenced): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message,
    nextRetryDelay: '2s',
    ...(code === 'attempt_superseded' ? { category: ApplicationFailureCategory.BENIGN } : {}),
  });
}

/** A failure that does not count against the activity, which could not prevent it. */
function trySoon(type: string, { message }: Error): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nextRetryDelay: '2s' });
}

function countFailure(error: unknown, before: FailureCounters, now: number): FailureCounters {
  const waits = error instanceof StepError && error.code === 'db_locked';
  if (waits) return { ...before, waitingSince: before.waitingSince ?? now };
  return { failures: before.failures + 1, waitingSince: null };
}

function isFinal(
  error: unknown,
  { counters, isPatient }: { readonly counters: FailureCounters; readonly isPatient: boolean },
): boolean {
  if (error instanceof StepError && !error.retryable) return true;
  if (counters.waitingSince !== null) return !isPatient;
  return counters.failures > MOST_OWN_FAILURES;
}

function endOfPatienceText({ waitingSince }: FailureCounters): string {
  return ` This step has waited since ${new Date(waitingSince ?? 0).toISOString()} and waits no longer: when that program is closed, retry the step. What was downloaded is in the ledgers.`;
}

function heartbeatDetailsOf(context: Context): object {
  const details: unknown = context.info.heartbeatDetails;
  return typeof details === 'object' && details !== null ? details : {};
}

function codeOf(error: unknown): string {
  if (error instanceof StepError) return error.code;
  return error instanceof Error ? error.name : 'Error';
}

function messageOf(error: unknown): string {
  return shortText(error instanceof Error ? error.message : String(error));
}
