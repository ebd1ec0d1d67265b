/** One step of a run: tried, parked when it fails, tried again or left out as an operator decides. */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { failureCause } from '../obstacles/failure-cause';
import type { RunContext } from './run-context';
import type { Step } from './steps';
import { reportProgress } from '../reporting/report-progress';

const PARK_TIMEOUT = 'parkTimeout: the run gives up';

/** **Errors** the step's failure when nobody retries it (`onStepFailure: fail`, `parkTimeout`); a cancellation. */
export async function runStep(step: Step, context: RunContext): Promise<void> {
  const { tracker } = context;
  for (;;) {
    await holdWhilePaused(step, context);
    if (isSkipped(step, context)) break;
    tracker.state = 'running';
    tracker.note(step.name, 'running');
    await reportProgress(context);
    try {
      await skippably(step, context);
      tracker.note(step.name, 'completed');
      return;
    } catch (error) {
      if (CancellationScope.current().consideredCancelled) throw error;
      if (!isSkipped(step, context)) await park(step, error, context);
    }
  }
  await skip(step, context);
}

/** A paused run starts no step. */
async function holdWhilePaused(step: Step, context: RunContext): Promise<void> {
  const { tracker, decisions } = context;
  const mayGoOn = (): boolean => !decisions.isPaused || isSkipped(step, context);
  if (mayGoOn()) return;
  // A parked step that is to be tried again is parked no more.
  tracker.state = 'running';
  await reportProgress(context);
  await condition(mayGoOn);
}

/** In a scope of its own, which a `skipStep` cancels: what the step holds is flushed as after any cancel. */
async function skippably(step: Step, context: RunContext): Promise<void> {
  const scope = new CancellationScope();
  context.decisions.onSkip = (name) => {
    if (name === step.name) scope.cancel();
  };
  await scope.run(() => step.run(context));
}

function isSkipped({ name }: Step, { decisions }: RunContext): boolean {
  return decisions.skipped.has(name);
}

async function skip({ name }: Step, context: RunContext): Promise<void> {
  const { tracker, decisions } = context;
  const failed = tracker.failure;
  const why = decisions.skipped.get(name) ?? '';
  tracker.state = 'running';
  tracker.failure = null;
  const before = failed === null ? '' : ` It had failed: ${failed.detail}`;
  tracker.note(name, 'skipped', {
    code: failed?.code ?? null,
    detail: `skipped: ${why}.${before}`,
  });
  await reportProgress(context);
}

/** Returns when the step is to be tried again or left out; throws when nobody will. */
async function park(step: Step, error: unknown, context: RunContext): Promise<void> {
  if (isCancellation(error)) throw error;
  const { tracker, input, decisions } = context;
  const failure = failureCause(error);
  tracker.failure = failure;
  if (input.onStepFailure === 'fail') throw error;
  decisions.isRetried = false;
  tracker.state = 'parked';
  tracker.note(step.name, 'parked', failure);
  tracker.parkedUntil = inSeconds(input.parkTimeout);
  await reportProgress(context);
  const isDecided = (): boolean => decisions.isRetried || isSkipped(step, context);
  if (input.parkTimeout === null) await condition(isDecided);
  else if (!(await condition(isDecided, input.parkTimeout * 1_000, { summary: PARK_TIMEOUT })))
    throw error;
  if (!isSkipped(step, context)) tracker.failure = null;
}

function inSeconds(seconds: number | null): string | null {
  return seconds === null ? null : new Date(Date.now() + seconds * 1_000).toISOString();
}
