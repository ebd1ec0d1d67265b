/** A run: its steps in sequence, parked at a failed one until an operator decides, closed with a summary. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
} from '@temporalio/workflow';
import type { Summary } from '../contract/run-record';
import { closeRun } from './close-run';
import { failureCause } from './failure-cause';
import { openRun } from './open-run';
import { serveOperators, type Decisions } from './operators';
import type { RunBoard } from './run-board';
import type { RunContext } from './run-context';
import { showCancelling } from './show-cancelling';
import { tell } from './tell';
import { stepsInOrder, type Step } from './steps';

const PARK_TIMEOUT = 'parkTimeout: the run gives up';

/**
 * The workflow that users start.
 *
 * **Shape** takes a `RunInput`, returns the summary.
 * **Errors** fails with the code of the step that failed (or `input`, `aborted`) as its failure's type; ends cancelled when cancelled.
 */
export async function runPipeline(input: unknown): Promise<Summary> {
  const context = await openRun(input);
  const { board } = context;
  const decisions = serveOperators(board, context.searchAttributes);
  let ending: unknown = null;
  try {
    await runSteps(context, decisions);
    board.state = 'completed';
  } catch (error) {
    ending = endingOf(error, board, decisions);
  }
  const summary = await CancellationScope.nonCancellable(() => closeRun(context));
  if (ending !== null) throw ending as Error;
  return summary;
}

async function runSteps(context: RunContext, decisions: Decisions): Promise<void> {
  const scope = new CancellationScope();
  decisions.onAbort = () => {
    scope.cancel();
  };
  showCancelling(scope, context);
  await scope.run(async () => {
    for (const step of stepsInOrder(context.input.steps)) await runStep(step, context, decisions);
  });
}

async function runStep(step: Step, context: RunContext, decisions: Decisions): Promise<void> {
  const { board } = context;
  for (;;) {
    board.state = 'running';
    board.note(step.name, 'running');
    await tell(context);
    try {
      await step.run(context);
      board.note(step.name, 'completed');
      return;
    } catch (error) {
      if (isCancellation(error)) throw error;
      await park(step, error, context, decisions);
    }
  }
}

/** Returns when the step is to be tried again; throws when nobody will. */
async function park(
  step: Step,
  error: unknown,
  context: RunContext,
  decisions: Decisions,
): Promise<void> {
  const { board, input } = context;
  board.failure = failureCause(error);
  if (input.onStepFailure === 'fail') throw error;
  decisions.retry = false;
  board.state = 'parked';
  board.note(step.name, 'parked', board.failure);
  board.parkedUntil = inSeconds(input.parkTimeout);
  await tell(context);
  const isRetried = (): boolean => decisions.retry;
  if (input.parkTimeout === null) await condition(isRetried);
  else if (!(await condition(isRetried, input.parkTimeout * 1_000, { summary: PARK_TIMEOUT })))
    throw error;
  board.failure = null;
}

function inSeconds(seconds: number | null): string | null {
  return seconds === null ? null : new Date(Date.now() + seconds * 1_000).toISOString();
}

/** Notes how the run ends, and tells with what its workflow is to end. */
function endingOf(error: unknown, board: RunBoard, decisions: Decisions): unknown {
  const step = board.currentStep();
  if (decisions.abortReason !== null) {
    board.state = 'aborted';
    board.failure = { code: 'aborted', detail: decisions.abortReason };
    if (step !== null && step.state !== 'completed') board.note(step.name, 'failed', board.failure);
    return ApplicationFailure.nonRetryable(
      `The run was aborted: ${decisions.abortReason}`,
      'aborted',
    );
  }
  if (isCancellation(error)) {
    board.state = 'cancelled';
    return error;
  }
  board.state = 'failed';
  board.failure = failureCause(error);
  if (step !== null) board.note(step.name, 'failed', board.failure);
  return ApplicationFailure.nonRetryable(board.failure.detail, board.failure.code);
}
