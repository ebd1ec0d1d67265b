/**
 * How an update is refused: with the reason and with what would be accepted, but nothing about the
 * worker.
 */
import { ApplicationFailure } from '@temporalio/workflow';
import type { RunTracker } from '../run/run-tracker';

/** For a validator to throw. It has no stack, because the Web UI would show the worker's paths. */
export function refusal(message: string): ApplicationFailure {
  const failure = ApplicationFailure.nonRetryable(message, 'refused');
  failure.stack = '';
  return failure;
}

/** @throws a refusal when the run is ending already. */
export function refuseEnded(tracker: RunTracker): void {
  if (tracker.isEnding())
    throw refusal(`The run is ending already: it is ${tracker.shownState()}.`);
}

/** A field of what an operator sent, which may be any value. */
export function readField(argument: unknown, field: string): unknown {
  return typeof argument === 'object' && argument !== null
    ? Reflect.get(argument, field)
    : undefined;
}

/** The most characters of a reason. Reasons are shown in tables and stored permanently. */
const LONGEST_REASON = 500;

/** @throws a refusal when there is no reason, or when it is too long. */
export function requireReason(argument: unknown, example: string): string {
  const reason = readField(argument, 'reason');
  if (typeof reason !== 'string' || reason.trim() === '') throw refusal(`Say why: ${example}.`);
  if (reason.length > LONGEST_REASON)
    throw refusal(
      `The reason has ${reason.length} characters; at most ${LONGEST_REASON} are kept. Shorten it.`,
    );
  return reason;
}
