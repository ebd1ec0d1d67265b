/** What `run` prints about a run whose workflow ended without a summary, and its exit code. */
import {
  ActivityFailure,
  ApplicationFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
} from '@temporalio/client';
import { EXIT, endingFor } from '../../../src/cli/exit-codes';
import { endedWithoutSummary } from '../../../src/cli/run/run-ended';

const ending = (cause: Error): ReturnType<typeof endingFor> => {
  const failure = new WorkflowFailedError('failed', cause, 'NON_RETRYABLE_FAILURE');
  return endingFor(endedWithoutSummary("the o'run", failure));
};

function activityFailure(type: string, message: string): ActivityFailure {
  const cause = ApplicationFailure.nonRetryable(message, type);
  return new ActivityFailure(
    'Activity task failed',
    'openRun',
    'open',
    'NON_RETRYABLE_FAILURE',
    '1@worker',
    cause,
  );
}

it.each([
  ['was ended by a timeout of its workflow.', new TimeoutFailure('t', undefined, 'START_TO_CLOSE')],
  ['was terminated (enough).', new TerminatedFailure('enough')],
  ['failed (oh).', new Error('oh\nno')],
  ['failed (the disk is full).', activityFailure('disk_full', 'the disk is full')],
])('a run that %s ends with 7 and says what to do', (words, cause) => {
  const { code, message } = ending(cause);
  expect(code).toBe(EXIT.runEnded);
  expect(message).toContain(String.raw`The run 'the o'\''run' ${words}`);
  expect(message).toContain('The same command starts it again: only what is left is fetched.');
});

it('a run whose input the workers refused ends with 2 and their message', () => {
  const { code, message } = ending(activityFailure('input', 'The step embeddings needs a model.'));
  expect({ code, message }).toEqual({
    code: EXIT.usage,
    message: 'input: The step embeddings needs a model.',
  });
});
