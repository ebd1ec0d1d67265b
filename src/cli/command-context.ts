/** What every command receives: configuration, log, terminal. */
import type { Logger } from 'pino';
import { environmentWith, loadConfig, secretsIn, type Config, type Environment } from '../config';
import { keepSecret } from '../contract/without-secrets';
import { createLogger } from '../log';
import { processTerminal, type Terminal } from './terminal';

export interface CommandContext {
  readonly config: Config;
  readonly log: Logger;
  readonly terminal: Terminal;
}

/**
 * Creates the context of a command.
 *
 * @param options `data` is the value of `--data`, which takes precedence over ARTEMIS_DATA.
 * @param settings take precedence over the variables of the environment with the same names.
 * @throws ConfigError, which names the setting.
 */
export function createContext(
  { data }: { readonly data?: string | undefined },
  settings: Environment = {},
): CommandContext {
  const overrides = data === undefined ? settings : { ...settings, ARTEMIS_DATA: data };
  const config = loadConfig(environmentWith(overrides));
  const terminal = processTerminal(config.env);
  secretsIn(config.env).forEach(keepSecret);
  const log = createLogger({ level: config.logLevel, pretty: terminal.isInteractive });
  return { config, log, terminal };
}
