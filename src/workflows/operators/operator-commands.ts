/** What an operator can do with a run in each of its states, each with a command to copy. */
import { command } from '../../contract/markdown';
import { operatorChoices } from '../../contract/commands/operator-choices';
import {
  artemisCommand,
  serverOptions,
  type CommandServer,
} from '../../contract/commands/printed-command';
import type { RunState } from '../../contract/run-record';

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
  const choices = operatorChoices(state, { ...run, serverOptions: serverOptions(run.server) });
  if (choices.length === 0) return null;
  const items = choices.map(
    ({ words, parts }, nth) => `${nth === 0 ? HEADING : ''}${words}:\n\n${command(lines(parts))}`,
  );
  return [...items, throughOurs(run)].join('\n\n');
}

/** Temporal's CLI may not be installed, and ours finds the data root's own server anywhere. */
function throughOurs({ dataRoot }: Operated): string {
  const ours = artemisCommand('temporal', dataRoot);
  return `Where Temporal's own CLI is not installed, or the server is the one that \`up\` started, write this for \`temporal\`:\n\n${command(ours)}`;
}

/** Breaks the command into lines, because the details are narrow. */
function lines(parts: readonly string[]): string {
  return `temporal ${parts.join(' \\\n  ')}`;
}
