/** Exit codes (docs/reference/cli.md), and which error ends a command with which. */
import { CommanderError } from 'commander';
import { ConfigError } from '../config';
import { StepError } from '../contract/errors';
import { TemporalCliMissing } from '../server/find-cli';
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

const INPUT_CODES: ReadonlySet<string> = new Set(['input', 'catalog_missing']);

/** What to print on stderr, and the code to end with. Only our own bugs show a stack. */
export interface Ending {
  readonly code: number;
  readonly message: string;
  /** Something is at work still that nothing else ends. */
  readonly isAtOnce?: boolean;
}

export function endingFor(error: unknown): Ending {
  // Commander has said it already: help, version, or what is wrong with the arguments.
  if (error instanceof CommanderError)
    return { code: error.exitCode === 0 ? EXIT.fine : EXIT.usage, message: '' };
  if (error instanceof Error && error.name === 'WorkGoesOn')
    return { ...of(EXIT.interrupted, error), isAtOnce: true };
  if (error instanceof Error && error.name === 'WorkersBroke')
    return { ...bug(error), isAtOnce: true };
  if (error instanceof StepError)
    return {
      code: INPUT_CODES.has(error.code) ? EXIT.usage : EXIT.unusable,
      message: `${error.code}: ${error.message}`,
    };
  if (error instanceof UsageError || error instanceof ConfigError) return of(EXIT.usage, error);
  if (error instanceof TemporalUnreachable || error instanceof TemporalCliMissing)
    return of(EXIT.noTemporal, error);
  // Not instanceof: its module is loaded by the command that needs it.
  if (error instanceof Error && error.name === 'NoSnapshot') return of(EXIT.unusable, error);
  if (error instanceof Error && error.name === 'RunEnded') return of(EXIT.runEnded, error);
  if (error instanceof Error && error.name === 'DriverMissing') return of(EXIT.usage, error);
  return bug(error);
}

function bug(error: unknown): Ending {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: EXIT.bug,
    message: `This is a bug of artemis-pipeline; please report it.\n${stack}`,
  };
}

function of(code: ExitCode, { message }: Error): Ending {
  return { code, message };
}
