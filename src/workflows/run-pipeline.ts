/** A run: opened, its steps in sequence, closed with a summary. */
import {
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  isCancellation,
} from '@temporalio/workflow';
import type { Summary } from '../contract/run-record';
import { closeRun } from './close-run';
import { failureCause } from './failure-cause';
import { openRun } from './open-run';
import type { RunContext } from './run-context';
import { runStep } from './run-step';
import { showRun } from './show-run';
import { stepsInOrder } from './steps';
import { tell } from './tell';

/**
 * The workflow that users start.
 *
 * **Shape** takes a `RunInput`, returns the summary.
 * **Errors** fails with the code of the step that failed (or `input`, `aborted`) as its failure's type; ends cancelled when cancelled.
 */
export async function runPipeline(input: unknown): Promise<Summary> {
  const context = await openRun(input);
  const { board } = context;
  let ending: unknown = null;
  try {
    await runSteps(context);
    board.state = 'completed';
  } catch (error) {
    ending = endingOf(error, context);
  }
  const summary = await CancellationScope.nonCancellable(() => closeRun(context));
  await condition(allHandlersFinished);
  if (ending !== null) throw ending as Error;
  return summary;
}

async function runSteps(context: RunContext): Promise<void> {
  const { board, decisions, input } = context;
  const scope = new CancellationScope();
  const end = (): void => {
    if (board.isEnding()) return;
    board.state = 'cancelling';
    showRun(board, context.searchAttributes);
  };
  decisions.onAbort = () => {
    end();
    scope.cancel();
  };
  CancellationScope.current().cancelRequested.catch(end);
  await scope.run(async () => {
    for (const step of stepsInOrder(input.steps)) {
      await holdWhilePaused(context);
      await runStep(step, context);
    }
  });
}

/** A paused run starts no step. */
async function holdWhilePaused(context: RunContext): Promise<void> {
  const { decisions } = context;
  if (!decisions.isPaused) return;
  await tell(context);
  await condition(() => !decisions.isPaused);
}

/** Notes how the run ends, and tells with what its workflow is to end. */
function endingOf(error: unknown, { board, decisions }: RunContext): unknown {
  const step = board.currentStep();
  if (decisions.abortReason !== null) {
    board.state = 'aborted';
    board.failure = { code: 'aborted', detail: decisions.abortReason };
    if (step !== null && step.endedAt === null) board.note(step.name, 'failed', board.failure);
    return ApplicationFailure.nonRetryable(
      `The run was aborted: ${decisions.abortReason}`,
      'aborted',
    );
  }
  if (isCancellation(error)) {
    board.state = 'cancelled';
    return error;
  }
  const failure = failureCause(error);
  board.state = 'failed';
  board.failure = failure;
  if (step !== null) board.note(step.name, 'failed', failure);
  return ApplicationFailure.nonRetryable(failure.detail, failure.code);
}
