/** The failure of a step because of the user's models. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { StepCode } from '../../contract/errors';

/**
 * @param mistake what DuckDB says, which may end without a full stop.
 * @param advice one or more sentences.
 */
export function modelMistake(mistake: string, advice: string): ApplicationFailure {
  return modelFailed(`${/[.!?]$/.test(mistake) ? mistake : `${mistake}.`} ${advice}`);
}

export function modelFailed(message: string): ApplicationFailure {
  const code: StepCode = 'model_failed';
  return ApplicationFailure.nonRetryable(message, code);
}
