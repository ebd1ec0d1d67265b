/** Decides which data root and server the commands that a terminal shows must reach. */
import type { Config } from '../config';
import type { TerminalPlace } from '../contract/commands/printed-command';
import { configuredConnection } from '../server/configured-connection';

/** @throws ConfigError when the configured server cannot be used. */
export function terminalPlace({ dataRoot, queuePrefix, env }: Config): TerminalPlace {
  const settings = configuredConnection(env);
  const configured =
    settings === null ? null : { address: settings.address, namespace: settings.namespace };
  return { dataRoot, queuePrefix, configured };
}
