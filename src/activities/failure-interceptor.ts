/** The one place where errors of activities become ApplicationFailures, and where an activity's own failures are counted. */
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  Next,
} from '@temporalio/worker';
import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { StepError } from '../contract/errors';
import { ExecutionStalled } from '../download/stall-watch';
import { countersOf, type FailureCounters } from './failure-counters';

/** An activity's own failures before it is given up: the fourth is final. Crashes and hand-overs do not count. */
const OWN_FAILURES = 3;

/** How long a step waits for the warehouse file while another program holds it, in ms. */
const LOCK_PATIENCE_MS = 3_600_000;

/** **Units** bytes of text that history may carry of one failure. */
const MESSAGE_LIMIT = 2_000;

/**
 * Turns domain errors into failures that Temporal understands: `type` is the code, `nonRetryable` when a person is needed.
 *
 * **Errors** rethrows cancellation as it came; a worker's shutdown becomes a failure that is retried at once elsewhere.
 */
export function failureInterceptor(context: Context): ReturnType<ActivityInterceptorsFactory> {
  const inbound: ActivityInboundCallsInterceptor = {
    async execute(
      input: ActivityExecuteInput,
      next: Next<ActivityInboundCallsInterceptor, 'execute'>,
    ) {
      try {
        return await next(input);
      } catch (error) {
        throw asFailure(error, context);
      }
    },
  };
  return { inbound };
}

function asFailure(error: unknown, context: Context): unknown {
  const { cancellationSignal } = context;
  if (cancellationSignal.aborted) return afterCancellation(cancellationSignal.reason);
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof ExecutionStalled) return afterStall(error);
  const counters = countFailure(error, countersOf(context), Date.now());
  // The counters travel with the last heartbeat: attempts of Temporal's count crashes and restarts too.
  context.heartbeat({ ...heartbeatRest(context), ...counters });
  return ApplicationFailure.create({
    type: codeOf(error),
    message: messageOf(error),
    nonRetryable: isFinal(error, counters),
    ...(error instanceof Error ? { cause: error } : {}),
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

function isFinal(error: unknown, counters: FailureCounters): boolean {
  if (error instanceof StepError && !error.retryable) return true;
  if (counters.waitingSince !== null) return Date.now() - counters.waitingSince > LOCK_PATIENCE_MS;
  return counters.failures > OWN_FAILURES;
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
  const text = error instanceof Error ? error.message : String(error);
  return text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)}…` : text;
}
