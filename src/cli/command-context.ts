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

/** `--data` wins over ARTEMIS_DATA. **Errors** ConfigError naming the setting. */
export function createContext(options: { readonly data?: string | undefined }): CommandContext {
  const overrides = options.data === undefined ? {} : { ARTEMIS_DATA: options.data };
  const config = loadConfig(environmentWith(overrides));
  const terminal = processTerminal(config.env);
  const log = createLogger({ level: config.logLevel, pretty: terminal.isInteractive });
  return { config, log, terminal };
}
