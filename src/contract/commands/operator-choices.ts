/** What an operator can do with a run in each of its states, as commands of Temporal's CLI. */
import {
  UPDATE_ABORT_RUN,
  UPDATE_PAUSE_RUN,
  UPDATE_RESUME_RUN,
  UPDATE_RETRY_STEP,
  UPDATE_SET_HOST_BUDGET,
  UPDATE_SKIP_STEP,
} from '../operator';
import type { RunState } from '../run-record';
import { shellWord } from './shell-word';

/**
 * The run to operate. `step` is the one that runs or is parked, and `host` one whose budget
 * probably matters; null in a run that downloads nothing any more.
 */
export interface Operated {
  readonly workflowId: string;
  readonly step: string;
  readonly host: string | null;
  /** The options by which Temporal's CLI reaches the server, such as `--address`. */
  readonly serverOptions: readonly string[];
}

export interface OperatorChoice {
  /** What the command does, without a full stop. */
  readonly words: string;
  /** The parts of the command after `temporal`. They are words of a shell. */
  readonly parts: readonly string[];
}

/** The most sensible choice first. Empty when the operator can do nothing. */
export function operatorChoices(state: RunState, run: Operated): readonly OperatorChoice[] {
  switch (state) {
    case 'parked':
      return [retry(run), skip(run), abort(run)];
    case 'paused':
      return [resume(run), ...budget(run), cancel(run)];
    case 'running':
      return [pause(run), ...budget(run), cancel(run)];
    case 'waiting':
      return [cancel(run)];
    case 'cancelling':
    case 'completed':
    case 'failed':
    case 'cancelled':
    case 'aborted':
      return [];
  }
}

function retry(run: Operated): OperatorChoice {
  const parts = update(run, UPDATE_RETRY_STEP, { step: run.step });
  return { words: 'When the cause is fixed, try the step again', parts };
}

function skip(run: Operated): OperatorChoice {
  const parts = update(run, UPDATE_SKIP_STEP, { step: run.step, reason: 'why' });
  return { words: 'Go on without the step', parts };
}

const END = 'End the run; what was downloaded stays, and is committed';

function abort(run: Operated): OperatorChoice {
  return { words: END, parts: update(run, UPDATE_ABORT_RUN, { reason: 'why' }) };
}

function pause(run: Operated): OperatorChoice {
  const words = 'Pause: images in flight finish, no new one starts';
  return { words, parts: update(run, UPDATE_PAUSE_RUN) };
}

function resume(run: Operated): OperatorChoice {
  return { words: 'Go on with the run', parts: update(run, UPDATE_RESUME_RUN) };
}

function budget(run: Operated): readonly OperatorChoice[] {
  if (run.host === null) return [];
  const input = { host: run.host, connections: 4, requestsPerSecond: 10 };
  const parts = update(run, UPDATE_SET_HOST_BUDGET, input);
  return [{ words: 'Give a host less, or more', parts }];
}

function cancel(run: Operated): OperatorChoice {
  return { words: END, parts: ['workflow cancel', ...target(run)] };
}

/** @see `temporal workflow update execute --help` */
function update(run: Operated, name: string, input?: object): readonly string[] {
  return [
    'workflow update execute',
    ...target(run),
    `--name ${name}`,
    ...(input === undefined ? [] : [`--input ${shellWord(JSON.stringify(input))}`]),
  ];
}

function target({ workflowId, serverOptions }: Operated): readonly string[] {
  return [`--workflow-id ${shellWord(workflowId)}`, ...serverOptions];
}
