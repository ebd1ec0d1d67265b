/** The failure of a step because of the user's models. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { StepCode } from '../../contract/errors';

export function modelFailed(message: string): ApplicationFailure {
  const code: StepCode = 'model_failed';
  return ApplicationFailure.nonRetryable(message, code);
}
