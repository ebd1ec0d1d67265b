/** The exit codes (docs/reference/cli.md), and the errors that end a command with each. */
import { CommanderError } from 'commander';
import { ConfigError } from '../config';
import { StepError } from '../contract/errors';
import { TemporalCliMissing } from '../server/embedded/find-cli';
import { TemporalUnreachable } from '../server/temporal-unreachable';
import { UsageError } from './usage-error';

export const EXIT = {
  fine: 0,
  bug: 1,
  usage: 2,
  someFailed: 3,
  different: 4,
  noTemporal: 5,
  unusable: 6,
  runEnded: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const INPUT_CODES: ReadonlySet<string> = new Set(['input', 'catalog_missing', 'model_failed']);

/** What to print on stderr, and the code to end with. Only our own bugs show a stack. */
export interface Ending {
  readonly code: number;
  readonly message: string;
  /** True when work is still running that would keep the process alive. */
  readonly isAtOnce?: boolean;
}

export function endingFor(error: unknown): Ending {
  // Commander has printed it already: the help, the version, or what is wrong with the arguments.
  if (error instanceof CommanderError)
    return { code: error.exitCode === 0 ? EXIT.fine : EXIT.usage, message: '' };
  if (error instanceof Error && error.name === 'WorkGoesOn')
    return { ...endWith(EXIT.interrupted, error), isAtOnce: true };
  if (error instanceof Error && error.name === 'WorkersBroke')
    return { ...endAsBug(error), isAtOnce: true };
  if (error instanceof StepError)
    return {
      code: INPUT_CODES.has(error.code) ? EXIT.usage : EXIT.unusable,
      message: `${error.code}: ${error.message}`,
    };
  if (error instanceof UsageError || error instanceof ConfigError)
    return endWith(EXIT.usage, error);
  if (error instanceof TemporalUnreachable || error instanceof TemporalCliMissing)
    return endWith(EXIT.noTemporal, error);
  // Not instanceof, because the command that needs it loads its module.
  if (error instanceof Error && error.name === 'NoSnapshot') return endWith(EXIT.unusable, error);
  if (error instanceof Error && error.name === 'RunEnded') return endWith(EXIT.runEnded, error);
  if (error instanceof Error && error.name === 'DriverMissing') return endWith(EXIT.usage, error);
  return endAsBug(error);
}

function endAsBug(error: unknown): Ending {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: EXIT.bug,
    message: `This is a bug of artemis-pipeline; please report it.\n${stack}`,
  };
}

function endWith(code: ExitCode, { message }: Error): Ending {
  return { code, message };
}
