/**
 * Runs one step of a run. A failed step is parked until an operator has it run again or skips it.
 */
import { CancellationScope, condition, isCancellation, log, patched } from '@temporalio/workflow';
import { failureCause } from '../obstacles/failure-cause';
import { needsOtherInput } from './needs-other-input';
import type { RunContext } from './run-context';
import type { Step } from './steps';
import { PROGRESS_BESIDE_WORK, reportProgress } from '../reporting/report-progress';
import { runTogether } from '../run-together';

const PARK_TIMEOUT = 'parkTimeout: the run gives up';
const REPORT_AGAIN = 'record the progress again';
const REPORT_AGAIN_MS = 20_000;

/**
 * @throws the step's failure when it is not retried (`onStepFailure: fail`, `parkTimeout`); a
 *   cancellation.
 */
export async function runStep(step: Step, context: RunContext): Promise<void> {
  const { tracker } = context;
  for (;;) {
    await waitWhilePaused(step, context);
    if (isSkipped(step, context)) break;
    tracker.state = 'running';
    tracker.recordStepState(step.name, 'running');
    const isBeside = patched(PROGRESS_BESIDE_WORK);
    if (!isBeside) await reportProgress(context);
    try {
      if (isBeside)
        await runTogether([() => reportProgress(context), () => runSkippable(step, context)]);
      else await runSkippable(step, context);
      tracker.recordStepState(step.name, 'completed');
      return;
    } catch (error) {
      if (CancellationScope.current().consideredCancelled) throw error;
      if (!isSkipped(step, context)) await park(step, error, context);
    }
  }
  await recordSkip(step, context);
}

/** A paused run starts no step. */
async function waitWhilePaused(step: Step, context: RunContext): Promise<void> {
  const { tracker, decisions } = context;
  const mayContinue = (): boolean => !decisions.isPaused || isSkipped(step, context);
  if (mayContinue()) return;
  // A parked step that will run again is no longer parked.
  tracker.state = 'running';
  await reportIfPossible(context);
  await condition(mayContinue);
}

/**
 * Runs the step in a scope of its own, which a `skipStep` cancels. What the step holds is flushed
 * as after any cancellation.
 */
async function runSkippable(step: Step, context: RunContext): Promise<void> {
  const scope = new CancellationScope();
  context.decisions.onSkip = (name) => {
    if (name === step.name) scope.cancel();
  };
  await scope.run(() => step.run(context));
}

function isSkipped({ name }: Step, { decisions }: RunContext): boolean {
  return decisions.skipped.has(name);
}

async function recordSkip({ name }: Step, context: RunContext): Promise<void> {
  const { tracker, decisions } = context;
  const failed = tracker.failure;
  const why = decisions.skipped.get(name) ?? '';
  tracker.state = 'running';
  tracker.failure = null;
  const before = failed === null ? '' : ` It had failed: ${failed.detail}`;
  tracker.recordStepState(name, 'skipped', {
    code: failed?.code ?? null,
    detail: `skipped: ${why}.${before}`,
  });
  await reportIfPossible(context);
}

/**
 * Returns when the step should run again or be skipped. Throws when an operator did not decide in
 * time.
 */
async function park(step: Step, error: unknown, context: RunContext): Promise<void> {
  if (isCancellation(error)) throw error;
  const { tracker, input, decisions } = context;
  const failure = failureCause(error);
  tracker.failure = failure;
  if (input.onStepFailure === 'fail' || needsOtherInput(step, failure)) throw error;
  decisions.isRetried = false;
  tracker.state = 'parked';
  tracker.recordStepState(step.name, 'parked', failure);
  tracker.parkedUntil = timeInSeconds(input.parkTimeout);
  const isDecided = (): boolean => decisions.isRetried || isSkipped(step, context);
  if (!(await reportIfPossible(context)))
    // A cancellation of the run ends the wait of this one too.
    reportWhenPossible(context, isDecided).catch(() => undefined);
  if (input.parkTimeout === null) await condition(isDecided);
  else if (!(await condition(isDecided, input.parkTimeout * 1_000, { summary: PARK_TIMEOUT })))
    throw error;
  if (!isSkipped(step, context)) tracker.failure = null;
}

/**
 * Reports, and goes on where the disk cannot be written. What parked the run may be the full disk,
 * and then a run that fails could not be continued after room is made. The Web UI shows the report.
 *
 * @returns whether it was recorded on disk.
 */
async function reportIfPossible(context: RunContext): Promise<boolean> {
  try {
    await reportProgress(context);
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the progress could not be recorded on disk', { error: String(error) });
    return false;
  }
}

/** Reports until that works or an operator has decided, because `status` reads the disk. */
async function reportWhenPossible(context: RunContext, isDecided: () => boolean): Promise<void> {
  while (!(await condition(isDecided, REPORT_AGAIN_MS, { summary: REPORT_AGAIN })))
    if (await reportIfPossible(context)) return;
}

function timeInSeconds(seconds: number | null): string | null {
  return seconds === null ? null : new Date(Date.now() + seconds * 1_000).toISOString();
}
