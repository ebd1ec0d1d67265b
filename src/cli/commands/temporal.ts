/** `temporal …`: passes through to the Temporal CLI in use, with its address and namespace set. */
import { spawn } from 'node:child_process';
import { configuredConnection } from '../../server/connection';
import { findTemporalCli } from '../../server/find-cli';
import { runningServer } from '../../server/dev-server';
import type { CommandContext } from '../command-context';

/** Returns the CLI's own exit code. **Errors** TemporalCliMissing. */
export async function temporal(
  { config, log }: CommandContext,
  args: readonly string[],
): Promise<number> {
  const own =
    configuredConnection(config.env) === null ? await runningServer(config.dataRoot) : null;
  const cli = own?.cli ?? (await findTemporalCli({ env: config.env, log }));
  const address =
    own === null
      ? {}
      : { TEMPORAL_ADDRESS: own.settings.address, TEMPORAL_NAMESPACE: own.settings.namespace };
  const child = spawn(cli, args, { stdio: 'inherit', env: { ...config.env, ...address } });
  // Ctrl-C reaches the CLI itself, which says how it ends.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}
