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
import type { RunTracker, StepReason } from './run-tracker';
import type { RunContext } from './run-context';
import { runStep } from './run-step';
import { updateWebUi } from '../reporting/update-web-ui';
import { stepsInOrder } from './steps';

/**
 * The workflow that users start.
 *
 * **Shape** takes a `RunInput`, returns the summary.
 * **Errors** fails with the code of the step that failed (or `input`, `aborted`) as its failure's type; ends cancelled when cancelled.
 */
export async function runPipeline(input: unknown): Promise<Summary> {
  const context = await openRun(input);
  const { tracker } = context;
  let ending: unknown = null;
  try {
    await runSteps(context);
    tracker.state = 'completed';
  } catch (error) {
    ending = endingOf(error, context);
  }
  const summary = await CancellationScope.nonCancellable(() => closeRun(context));
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  if (ending !== null) throw ending as Error;
  return summary;
}

async function runSteps(context: RunContext): Promise<void> {
  const { tracker, decisions, input } = context;
  const scope = new CancellationScope();
  const end = (): void => {
    if (tracker.isEnding()) return;
    tracker.state = 'cancelling';
    updateWebUi(tracker, context.searchAttributes);
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
function endingOf(error: unknown, { tracker, decisions }: RunContext): unknown {
  const step = tracker.currentStep();
  if (decisions.abortReason !== null) {
    const aborted = { code: 'aborted', detail: decisions.abortReason };
    endStep(tracker, tracker.failure === null ? aborted : withCause(aborted, tracker.failure));
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

/** What a parked step had failed with stays with the step. */
function withCause({ code, detail }: StepReason, failed: FailureCause): StepReason {
  return { code, detail: `${detail} (The step had failed: ${failed.code}: ${failed.detail})` };
}

/** The step that ran has ended too; what was in its way still says what could not be committed. */
function endStep(tracker: RunTracker, reason: StepReason): void {
  const step = tracker.currentStep();
  if (step?.endedAt !== null) return;
  const { obstacle } = tracker;
  tracker.note(step.name, 'failed', reason);
  tracker.obstacle = obstacle;
}
