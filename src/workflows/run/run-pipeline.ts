/** A run: opens, runs its steps in sequence, and closes with a summary. */
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
import type { RunTracker, StepReason } from './run-tracker';
import type { RunContext } from './run-context';
import { runStep } from './run-step';
import { updateWebUi } from '../reporting/update-web-ui';
import { stepsInOrder } from './steps';

/**
 * The workflow that users start. It takes a `RunInput` and returns the summary.
 *
 * @throws a failure whose type is the code of the failed step, `input` or `aborted`. A cancelled
 *   run ends as cancelled.
 */
export async function runPipeline(input: unknown): Promise<Summary> {
  const context = await openRun(input);
  const { tracker } = context;
  let ending: unknown = null;
  try {
    await runSteps(context);
    tracker.state = 'completed';
  } catch (error) {
    ending = recordEnding(error, context);
  }
  const summary = await CancellationScope.nonCancellable(() => closeRun(context));
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  if (ending !== null) throw ending as Error;
  return summary;
}

async function runSteps(context: RunContext): Promise<void> {
  const { tracker, decisions, input } = context;
  const scope = new CancellationScope();
  const markCancelling = (): void => {
    if (tracker.isEnding()) return;
    tracker.state = 'cancelling';
    updateWebUi(context);
  };
  decisions.onAbort = () => {
    markCancelling();
    scope.cancel();
  };
  // The update arrived while the run was being opened, or before a reset to its beginning.
  if (decisions.abortReason !== null) decisions.onAbort();
  CancellationScope.current().cancelRequested.catch(markCancelling);
  await scope.run(async () => {
    for (const step of stepsInOrder(input.steps)) await runStep(step, context);
  });
}

/** Records how the run ends, and returns the error with which its workflow ends. */
function recordEnding(error: unknown, { tracker, decisions }: RunContext): unknown {
  const step = tracker.currentStep();
  if (decisions.abortReason !== null) {
    const aborted = { code: 'aborted', detail: decisions.abortReason };
    endStep(
      tracker,
      tracker.failure === null ? aborted : withEarlierFailure(aborted, tracker.failure),
    );
    tracker.state = 'aborted';
    tracker.failure = aborted;
    return ApplicationFailure.nonRetryable(
      `The run was aborted: ${decisions.abortReason}`,
      'aborted',
    );
  }
  if (isCancellation(error)) {
    tracker.state = 'cancelled';
    endStep(tracker, { code: step?.code ?? null, detail: step?.detail ?? 'the run was cancelled' });
    return error;
  }
  const failure = failureCause(error);
  tracker.state = 'failed';
  tracker.failure = failure;
  endStep(tracker, failure);
  return ApplicationFailure.nonRetryable(failure.detail, failure.code);
}

/** Keeps the failure of a parked step with the step. */
function withEarlierFailure({ code, detail }: StepReason, failed: FailureCause): StepReason {
  return { code, detail: `${detail} (The step had failed: ${failed.code}: ${failed.detail})` };
}

/**
 * The running step ends too. The obstacle in its way remains, because it says what could not be
 * committed.
 */
function endStep(tracker: RunTracker, reason: StepReason): void {
  const step = tracker.currentStep();
  if (step?.endedAt !== null) return;
  const { obstacle } = tracker;
  tracker.recordStepState(step.name, 'failed', reason);
  tracker.obstacle = obstacle;
}
