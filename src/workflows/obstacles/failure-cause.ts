/** The cause in a failed step's error. The error's own message is only "Activity task failed". */
import { ApplicationFailure, TemporalFailure, TimeoutFailure } from '@temporalio/workflow';

export interface FailureCause {
  /** The ApplicationFailure's type. */
  readonly code: string;
  readonly detail: string;
}

/** Returns the first ApplicationFailure among the causes, or a timeout when there is none. */
export function failureCause(error: unknown): FailureCause {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure)
      // `temporal activity fail` sets no type.
      return { code: isNamed(cause.type) ? cause.type : 'Error', detail: cause.message };
    if (cause instanceof TimeoutFailure) return { code: 'timeout', detail: cause.message };
    if (!(cause instanceof TemporalFailure)) break;
  }
  return { code: 'Error', detail: error instanceof Error ? error.message : String(error) };
}

function isNamed(type: string | null | undefined): type is string {
  return typeof type === 'string' && type !== '';
}
