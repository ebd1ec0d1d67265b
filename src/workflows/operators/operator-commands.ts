/** What an operator can do with a run in each of its states, each with a command to copy. */
import {
  UPDATE_ABORT_RUN,
  UPDATE_PAUSE_RUN,
  UPDATE_RESUME_RUN,
  UPDATE_RETRY_STEP,
  UPDATE_SET_HOST_BUDGET,
  UPDATE_SKIP_STEP,
} from '../../contract/operator';
import { command } from '../../contract/markdown';
import {
  artemisCommand,
  serverOptions,
  type CommandServer,
} from '../../contract/commands/printed-command';
import type { RunState } from '../../contract/run-record';
import { shellWord } from '../../contract/commands/shell-word';

/**
 * The run to operate. `step` is the one that runs or is parked, and `host` one whose budget
 * probably matters; null in a run that downloads nothing any more.
 */
export interface Operated {
  readonly workflowId: string;
  readonly server: CommandServer;
  /** Null while it is not known. */
  readonly dataRoot: string | null;
  readonly step: string;
  readonly host: string | null;
}

const HEADING = '**What you can do.** ';

/** A section of the details; null when the operator can do nothing. */
export function operatorCommands(state: RunState, run: Operated): string | null {
  const choices = choicesFor(state, run);
  if (choices.length === 0) return null;
  const items = choices.map(
    ([words, typed], nth) => `${nth === 0 ? HEADING : ''}${words}:\n\n${command(typed)}`,
  );
  return [...items, throughOurs(run)].join('\n\n');
}

/** Temporal's CLI may not be installed, and ours finds the data root's own server anywhere. */
function throughOurs({ dataRoot }: Operated): string {
  const ours = artemisCommand('temporal', dataRoot);
  return `Where Temporal's own CLI is not installed, or the server is the one that \`up\` started, write this for \`temporal\`:\n\n${command(ours)}`;
}

/** The most sensible choice first. */
function choicesFor(state: RunState, run: Operated): readonly (readonly [string, string])[] {
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

type Choice = readonly [string, string];

function retry(run: Operated): Choice {
  const typed = update(run, UPDATE_RETRY_STEP, { step: run.step });
  return ['When the cause is fixed, try the step again', typed];
}

function skip(run: Operated): Choice {
  const typed = update(run, UPDATE_SKIP_STEP, { step: run.step, reason: 'why' });
  return ['Go on without the step', typed];
}

function abort(run: Operated): Choice {
  const typed = update(run, UPDATE_ABORT_RUN, { reason: 'why' });
  return ['End the run; what was downloaded stays, and is committed', typed];
}

function pause(run: Operated): Choice {
  return ['Pause: images in flight finish, no new one starts', update(run, UPDATE_PAUSE_RUN)];
}

function resume(run: Operated): Choice {
  return ['Go on with the run', update(run, UPDATE_RESUME_RUN)];
}

function budget(run: Operated): readonly Choice[] {
  if (run.host === null) return [];
  const input = { host: run.host, connections: 4, requestsPerSecond: 10 };
  return [['Give a host less, or more', update(run, UPDATE_SET_HOST_BUDGET, input)]];
}

function cancel(run: Operated): Choice {
  const typed = lines('temporal workflow cancel', ...target(run));
  return ['End the run; what was downloaded stays, and is committed', typed];
}

/** @see `temporal workflow update execute --help` */
function update(run: Operated, name: string, input?: object): string {
  return lines(
    'temporal workflow update execute',
    ...target(run),
    `--name ${name}`,
    ...(input === undefined ? [] : [`--input ${shellWord(JSON.stringify(input))}`]),
  );
}

function target({ workflowId, server }: Operated): readonly string[] {
  return [`--workflow-id ${shellWord(workflowId)}`, ...serverOptions(server)];
}

/** Breaks the command into lines, because the details are narrow. */
function lines(...parts: readonly string[]): string {
  return parts.join(' \\\n  ');
}
