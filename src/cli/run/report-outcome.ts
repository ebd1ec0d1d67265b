/** Prints how a run ended, and decides the exit code. `run`, `repair` and `demo` share this. */
import { proxyVariables } from '../../contract/proxy-settings';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { terminalPlace } from '../terminal-place';
import {
  failureCode,
  failureText,
  proxyHint,
  leftText,
  parkedText,
  summaryText,
} from './run-report';
import { againCommand } from './again-command';
import type { RunRequest } from './run-request';
import type { RunOutcome } from './start-and-follow';

/** @param request what can be run again; null for the demo, whose images are gone. */
export function reportOutcome(
  { terminal, config }: CommandContext,
  outcome: RunOutcome,
  request: RunRequest | null,
): ExitCode {
  if (outcome.kind === 'parked') {
    terminal.say(parkedText(outcome.workflowId, outcome.entry.step, terminalPlace(config)));
    return EXIT.runEnded;
  }
  if (outcome.kind === 'left') {
    terminal.say(leftText(outcome.workflowId, terminalPlace(config)));
    return EXIT.interrupted;
  }
  const { summary } = outcome;
  const again = request === null ? null : againCommand(request, config.dataRoot);
  terminal.say(summaryText(summary, config.dataRoot, again));
  const hint =
    config.download.proxy === null ? proxyHint(summary, proxyVariables(config.env)) : null;
  if (hint !== null) terminal.say(hint);
  if (summary.state !== 'completed') {
    const isInput = failureCode(outcome.error) === 'input';
    terminal.say(
      `${failureText(outcome.error)}${isInput ? '' : 'The same command continues with the rest.'}`,
    );
    return isInput ? EXIT.usage : EXIT.runEnded;
  }
  // The exit code of a run with `only` depends on the images of that run alone.
  const permanent = request?.input.only === undefined ? (summary.counts.permanent ?? 0) : 0;
  const areChecksFailed = (summary.models?.checksFailed ?? 0) > 0;
  return summary.run.failed > 0 || permanent > 0 || areChecksFailed ? EXIT.someFailed : EXIT.fine;
}
