/** How an update says no: in words, with what would be accepted, and nothing of the worker's. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { RunTracker } from '../run/run-tracker';

/** For a validator to throw. Without a stack: the Web UI would show the worker's paths. */
export function refusal(message: string): ApplicationFailure {
  const failure = ApplicationFailure.nonRetryable(message, 'refused');
  failure.stack = '';
  return failure;
}

/** **Errors** a refusal when the run is past deciding. */
export function refuseEnded(tracker: RunTracker): void {
  if (tracker.isEnding())
    throw refusal(`The run is ending already: it is ${tracker.shownState()}.`);
}

/** A field of what an operator sent, whatever that is. */
export function fieldOf(argument: unknown, field: string): unknown {
  return typeof argument === 'object' && argument !== null
    ? Reflect.get(argument, field)
    : undefined;
}

/** **Units** characters: reasons are shown in tables and kept for good. */
const LONGEST_REASON = 500;

/** **Errors** a refusal when there is no reason, or one that is too long. */
export function reasonOf(argument: unknown, example: string): string {
  const reason = fieldOf(argument, 'reason');
  if (typeof reason !== 'string' || reason.trim() === '') throw refusal(`Say why: ${example}.`);
  if (reason.length > LONGEST_REASON)
    throw refusal(
      `The reason has ${reason.length} characters; at most ${LONGEST_REASON} are kept. Shorten it.`,
    );
  return reason;
}
