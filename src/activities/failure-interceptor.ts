/** The one place where errors of activities become ApplicationFailures, and where an activity's own failures are counted. */
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  Next,
} from '@temporalio/worker';
import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import { StepError } from '../contract/errors';
import type { Tuning } from '../contract/payloads';
import { withoutSecrets } from '../contract/without-secrets';
import { ExecutionStalled } from '../download/stall-watch';
import { countersOf, type FailureCounters } from './failure-counters';

/** An activity's own failures before it is given up: the fourth is final. Crashes and hand-overs do not count. */
const OWN_FAILURES = 3;

/** Of a commit that goes on waiting for another one. */
const lockedSince = z.object({
  lockedSince: z
    .string()
    .transform((at) => Date.parse(at))
    .nullish(),
});

/** **Units** bytes of text that history may carry of one failure. */
const MESSAGE_LIMIT = 2_000;

/**
 * Turns domain errors into failures that Temporal understands: `type` is the code, `nonRetryable` when a person is needed.
 *
 * **Errors** rethrows cancellation as it came; a worker's shutdown becomes a failure that is retried at once elsewhere.
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
        const lockedBefore = lockedSince.safeParse(input.args[0]).data?.lockedSince ?? null;
        throw asFailure(error, { context, lockedBefore, patienceMs: lockPatienceSeconds * 1_000 });
      }
    },
  };
  return { inbound };
}

interface Circumstances {
  readonly context: Context;
  /** Since when the commit before this one waited, ms since the epoch. */
  readonly lockedBefore: number | null;
  readonly patienceMs: number;
}

function asFailure(error: unknown, { context, lockedBefore, patienceMs }: Circumstances): unknown {
  const { cancellationSignal } = context;
  if (cancellationSignal.aborted) return afterCancellation(cancellationSignal.reason);
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof ExecutionStalled) return afterStall(error);
  const counters = countFailure(error, countersOf(context), lockedBefore ?? Date.now());
  // The counters travel with the last heartbeat: attempts of Temporal's count crashes and restarts too.
  context.heartbeat({ ...heartbeatRest(context), ...counters });
  return ApplicationFailure.create({
    type: codeOf(error),
    message: `${messageOf(error)}${waitsNoLonger(counters, patienceMs)}`,
    nonRetryable: isFinal(error, counters, patienceMs),
    ...(error instanceof Error ? { cause: cleaned(error) } : {}),
  });
}

/** A copy of which no text has a secret, causes and all. */
function cleaned({ name, message, stack, cause }: Error): Error {
  const inner = cause instanceof Error ? { cause: cleaned(cause) } : {};
  const copy = new Error(withoutSecrets(message), inner);
  return Object.assign(copy, { name, stack: withoutSecrets(stack ?? '') });
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

/** Not a failure of its own: who was stopped cannot help it. */
function afterStall({ message }: ExecutionStalled): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'execution_stalled',
    message,
    nextRetryDelay: '2s',
  });
}

function countFailure(error: unknown, before: FailureCounters, now: number): FailureCounters {
  const waits = error instanceof StepError && error.code === 'db_locked';
  if (waits) return { ...before, waitingSince: before.waitingSince ?? now };
  return { failures: before.failures + 1, waitingSince: null };
}

function isFinal(error: unknown, counters: FailureCounters, patienceMs: number): boolean {
  if (error instanceof StepError && !error.retryable) return true;
  if (counters.waitingSince !== null) return Date.now() - counters.waitingSince > patienceMs;
  return counters.failures > OWN_FAILURES;
}

function waitsNoLonger({ waitingSince }: FailureCounters, patienceMs: number): string {
  if (waitingSince === null || Date.now() - waitingSince <= patienceMs) return '';
  return ` This step has waited since ${new Date(waitingSince).toISOString()} and waits no longer: when that program is closed, retry the step. What was downloaded is in the ledgers.`;
}

function heartbeatRest(context: Context): object {
  const details: unknown = context.info.heartbeatDetails;
  return typeof details === 'object' && details !== null ? details : {};
}

function codeOf(error: unknown): string {
  if (error instanceof StepError) return error.code;
  return error instanceof Error ? error.name : 'Error';
}

function messageOf(error: unknown): string {
  // It goes into history, where everybody who may look reads it.
  const text = withoutSecrets(error instanceof Error ? error.message : String(error));
  return text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)}…` : text;
}
