/** What `run` prints about a run whose workflow ended without a summary, and its exit code. */
import { TerminatedFailure, TimeoutFailure, WorkflowFailedError } from '@temporalio/client';
import { EXIT, endingFor } from '../../../src/cli/exit-codes';
import { RunEnded } from '../../../src/cli/run/run-ended';

const ending = (cause: Error): ReturnType<typeof endingFor> =>
  endingFor(
    new RunEnded("the o'run", new WorkflowFailedError('failed', cause, 'NON_RETRYABLE_FAILURE')),
  );

it.each([
  ['was ended by a timeout of its workflow.', new TimeoutFailure('t', undefined, 'START_TO_CLOSE')],
  ['was terminated (enough).', new TerminatedFailure('enough')],
  ['failed (oh).', new Error('oh\nno')],
])('a run that %s ends with 7 and says what to do', (words, cause) => {
  const { code, message } = ending(cause);
  expect(code).toBe(EXIT.runEnded);
  expect(message).toContain(String.raw`The run 'the o'\''run' ${words}`);
  expect(message).toContain('The same command starts it again: only what is left is fetched.');
});
