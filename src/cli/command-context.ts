/** What every command gets: configuration, log, terminal. */
import type { Logger } from 'pino';
import { environmentWith, loadConfig, type Config } from '../config';
import { createLogger } from '../log';
import { processTerminal, type Terminal } from './terminal';

export interface CommandContext {
  readonly config: Config;
  readonly log: Logger;
  readonly terminal: Terminal;
}

/** What a command says instead of the environment: `--data`, and settings by their names. */
export type ContextOptions = { readonly data?: string | undefined } & Readonly<
  Record<`ARTEMIS_${string}`, string>
>;

/** **Errors** ConfigError naming the setting. */
export function createContext({ data, ...settings }: ContextOptions): CommandContext {
  const overrides = data === undefined ? settings : { ...settings, ARTEMIS_DATA: data };
  const config = loadConfig(environmentWith(overrides));
  const terminal = processTerminal(config.env);
  const log = createLogger({ level: config.logLevel, pretty: terminal.isInteractive });
  return { config, log, terminal };
}
