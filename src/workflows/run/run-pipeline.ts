/** A run: opened, its steps in sequence, closed with a summary. */
import {
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  isCancellation,
} from '@temporalio/workflow';
import type { Summary } from '../../contract/run-record';
import { closeRun } from './close-run';
import { failureCause, type FailureCause } from '../obstacles/failure-cause';
import { openRun } from './open-run';
import type { RunBoard, StepReason } from './run-state';
import type { RunContext } from './run-context';
import { runStep } from './run-step';
import { showRun } from '../reporting/update-web-ui';
import { stepsInOrder } from './steps';

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
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
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
  // Said while the run was being opened, or before a reset to its beginning.
  if (decisions.abortReason !== null) decisions.onAbort();
  CancellationScope.current().cancelRequested.catch(end);
  await scope.run(async () => {
    for (const step of stepsInOrder(input.steps)) await runStep(step, context);
  });
}

/** Notes how the run ends, and tells with what its workflow is to end. */
function endingOf(error: unknown, { board, decisions }: RunContext): unknown {
  const step = board.currentStep();
  if (decisions.abortReason !== null) {
    const aborted = { code: 'aborted', detail: decisions.abortReason };
    endStep(board, board.failure === null ? aborted : withCause(aborted, board.failure));
    board.state = 'aborted';
    board.failure = aborted;
    return ApplicationFailure.nonRetryable(
      `The run was aborted: ${decisions.abortReason}`,
      'aborted',
    );
  }
  if (isCancellation(error)) {
    board.state = 'cancelled';
    endStep(board, { code: step?.code ?? null, detail: step?.detail ?? 'the run was cancelled' });
    return error;
  }
  const failure = failureCause(error);
  board.state = 'failed';
  board.failure = failure;
  endStep(board, failure);
  return ApplicationFailure.nonRetryable(failure.detail, failure.code);
}

/** What a parked step had failed with stays with the step. */
function withCause({ code, detail }: StepReason, failed: FailureCause): StepReason {
  return { code, detail: `${detail} (The step had failed: ${failed.code}: ${failed.detail})` };
}

/** The step that ran has ended too; what was in its way still says what could not be committed. */
function endStep(board: RunBoard, reason: StepReason): void {
  const step = board.currentStep();
  if (step?.endedAt !== null) return;
  const { obstacle } = board;
  board.note(step.name, 'failed', reason);
  board.obstacle = obstacle;
}
