/** What all commands have in common. */
import { Option, type Command } from 'commander';

export type SetExitCode = (code: number) => void;

export function dataOption(): Option {
  return new Option('--data <dir>', 'The data root (default: $ARTEMIS_DATA, or else ./data).');
}

export function command(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).addOption(dataOption()).exitOverride();
}

/** `--data` may stand before or after the command's name, so `optsWithGlobals` is needed. */
export interface DataOption {
  readonly data?: string;
}
