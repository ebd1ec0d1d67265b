/** A run whose workflow ended without telling how: it was terminated, or timed out, or failed before it could say a word. */
import { TerminatedFailure, TimeoutFailure } from '@temporalio/client';
import { shellWord } from '../../contract/shell-word';

/** The message says what Temporal knows, and what to do. */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';

  constructor(workflowId: string, failure: unknown) {
    super(
      `The run ${shellWord(workflowId)} ${endWords(failure)}. What was downloaded stays. The same command starts it again: only what is left is fetched.`,
      { cause: failure },
    );
  }
}

/** `failure`: of the workflow, as Temporal's client wraps it. */
function endWords(failure: unknown): string {
  const cause = failure instanceof Error ? (failure.cause ?? failure) : failure;
  if (cause instanceof TerminatedFailure) return `was terminated${reason(cause)}`;
  if (cause instanceof TimeoutFailure) return 'was ended by a timeout of its workflow';
  return `failed${reason(cause)}`;
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error) || cause.message === '') return '';
  return ` (${cause.message.split('\n')[0] ?? ''})`;
}
