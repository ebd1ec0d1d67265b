/** `temporal …`: runs the Temporal CLI in use, with its address and namespace set. */
import { spawn } from 'node:child_process';
import type { Environment } from '../../config';
import { configuredConnection } from '../../server/configured-connection';
import { findTemporalCli } from '../../server/find-cli';
import { runningServer } from '../../server/dev-server';
import type { CommandContext } from '../command-context';

/**
 * @returns the CLI's own exit code.
 * @throws TemporalCliMissing
 */
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
  const child = spawn(cli, args, {
    stdio: 'inherit',
    env: { ...(own === null ? config.env : withoutCluster(config.env)), ...address },
  });
  // Ctrl-C reaches the CLI itself, which decides how it ends.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/**
 * The data root's own server uses neither TLS nor keys, and the settings of a cluster would keep
 * the CLI from reaching it.
 */
function withoutCluster(env: Environment): Environment {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^TEMPORAL_(TLS|API_KEY|GRPC_META|PROFILE)/.test(name)),
  );
}
