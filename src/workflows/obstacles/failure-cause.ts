/** What a failed step's error says: its own message is only "Activity task failed". */
import { ApplicationFailure, TemporalFailure, TimeoutFailure } from '@temporalio/workflow';

export interface FailureCause {
  /** The ApplicationFailure's type. */
  readonly code: string;
  readonly detail: string;
}

/** Walks the causes to the first ApplicationFailure; a timeout counts when there is none. */
export function failureCause(error: unknown): FailureCause {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure)
      // `temporal activity fail` gives none.
      return { code: isNamed(cause.type) ? cause.type : 'Error', detail: cause.message };
    if (cause instanceof TimeoutFailure) return { code: 'timeout', detail: cause.message };
    if (!(cause instanceof TemporalFailure)) break;
  }
  return { code: 'Error', detail: error instanceof Error ? error.message : String(error) };
}

function isNamed(type: string | null | undefined): type is string {
  return typeof type === 'string' && type !== '';
}
