/** One step of a run: tried, parked when it fails, tried again or left out as an operator decides. */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { failureCause } from '../obstacles/failure-cause';
import type { RunContext } from './run-context';
import type { Step } from './steps';
import { tell } from '../reporting/report-progress';

const PARK_TIMEOUT = 'parkTimeout: the run gives up';

/** **Errors** the step's failure when nobody retries it (`onStepFailure: fail`, `parkTimeout`); a cancellation. */
export async function runStep(step: Step, context: RunContext): Promise<void> {
  const { board } = context;
  for (;;) {
    await holdWhilePaused(step, context);
    if (isSkipped(step, context)) break;
    board.state = 'running';
    board.note(step.name, 'running');
    await tell(context);
    try {
      await skippably(step, context);
      board.note(step.name, 'completed');
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
  const { board, decisions } = context;
  const mayGoOn = (): boolean => !decisions.isPaused || isSkipped(step, context);
  if (mayGoOn()) return;
  // A parked step that is to be tried again is parked no more.
  board.state = 'running';
  await tell(context);
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
  const { board, decisions } = context;
  const failed = board.failure;
  const why = decisions.skipped.get(name) ?? '';
  board.state = 'running';
  board.failure = null;
  const before = failed === null ? '' : ` It had failed: ${failed.detail}`;
  board.note(name, 'skipped', { code: failed?.code ?? null, detail: `skipped: ${why}.${before}` });
  await tell(context);
}

/** Returns when the step is to be tried again or left out; throws when nobody will. */
async function park(step: Step, error: unknown, context: RunContext): Promise<void> {
  if (isCancellation(error)) throw error;
  const { board, input, decisions } = context;
  const failure = failureCause(error);
  board.failure = failure;
  if (input.onStepFailure === 'fail') throw error;
  decisions.isRetried = false;
  board.state = 'parked';
  board.note(step.name, 'parked', failure);
  board.parkedUntil = inSeconds(input.parkTimeout);
  await tell(context);
  const isDecided = (): boolean => decisions.isRetried || isSkipped(step, context);
  if (input.parkTimeout === null) await condition(isDecided);
  else if (!(await condition(isDecided, input.parkTimeout * 1_000, { summary: PARK_TIMEOUT })))
    throw error;
  if (!isSkipped(step, context)) board.failure = null;
}

function inSeconds(seconds: number | null): string | null {
  return seconds === null ? null : new Date(Date.now() + seconds * 1_000).toISOString();
}
