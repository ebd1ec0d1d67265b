/**
 * The error for a run whose workflow ended without a summary: it was terminated, timed out, or
 * failed before it could write one.
 */
import { ApplicationFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/client';
import { shellWord } from '../../contract/commands/shell-word';
import { StepError } from '../../contract/errors';

/**
 * The error for such a run. An input that the workers refused is a mistake of the user, as it is
 * where this command finds it.
 */
export function endedWithoutSummary(workflowId: string, failure: unknown): StepError | RunEnded {
  const thrown = thrownByActivity(failure);
  if (thrown?.type === 'input') return new StepError('input', thrown.message);
  return new RunEnded(workflowId, failure);
}

/** The message says what Temporal knows, and what to do. */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';

  constructor(workflowId: string, failure: unknown) {
    super(
      `The run ${shellWord(workflowId)} ${endText(failure)}. What was downloaded stays. The same command starts it again: only what is left is fetched.`,
      { cause: failure },
    );
  }
}

/** @param failure the workflow's failure, as Temporal's client wraps it. */
function endText(failure: unknown): string {
  const cause = failure instanceof Error ? (failure.cause ?? failure) : failure;
  if (cause instanceof TerminatedFailure) return `was terminated${reasonText(cause)}`;
  if (cause instanceof TimeoutFailure) return 'was ended by a timeout of its workflow';
  return `failed${reasonText(thrownByActivity(failure) ?? cause)}`;
}

/** The message of the failure around it is only "Activity task failed". */
function thrownByActivity(failure: unknown): ApplicationFailure | null {
  for (let cause = failure; cause instanceof Error; cause = cause.cause)
    if (cause instanceof ApplicationFailure) return cause;
  return null;
}

function reasonText(cause: unknown): string {
  if (!(cause instanceof Error) || cause.message === '') return '';
  return ` (${cause.message.split('\n')[0] ?? ''})`;
}
