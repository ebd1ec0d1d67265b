/** Prints how a run ended, and decides the exit code. `run`, `repair` and `demo` share this. */
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { failureText, leftText, parkedText, summaryText } from './run-report';
import type { RunOutcome } from './start-and-follow';

export function reportOutcome({ terminal, config }: CommandContext, outcome: RunOutcome): ExitCode {
  if (outcome.kind === 'parked') {
    terminal.say(parkedText(outcome.workflowId, outcome.entry.step));
    return EXIT.runEnded;
  }
  if (outcome.kind === 'left') {
    terminal.say(leftText(outcome.workflowId));
    return EXIT.interrupted;
  }
  const { summary } = outcome;
  terminal.say(summaryText(summary, config.dataRoot));
  if (summary.state !== 'completed') {
    terminal.say(`${failureText(outcome.error)}The same command goes on with the rest.`);
    return EXIT.runEnded;
  }
  const areFailures = summary.run.failed > 0 || (summary.counts.permanent ?? 0) > 0;
  return areFailures ? EXIT.someFailed : EXIT.fine;
}
