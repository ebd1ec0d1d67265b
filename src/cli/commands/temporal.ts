/** `temporal …`: runs the Temporal CLI in use, with its address and namespace set. */
import { spawn } from 'node:child_process';
import type { Environment } from '../../config';
import { withoutProxy } from '../../contract/proxy-settings';
import { configuredConnection } from '../../server/configured-connection';
import { findTemporalCli } from '../../server/embedded/find-cli';
import { runningServer } from '../../server/embedded/dev-server';
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
    env: { ...(own === null ? config.env : ownServerEnvironment(config.env)), ...address },
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

/** The commands of Temporal's CLI that have a `--data` of their own. */
const HAVE_OWN_DATA = /^operator namespace (create|update)\b/;

/**
 * Removes our `--data` from the words for Temporal's CLI. Words after `--` are left unchanged.
 *
 * @see `temporal operator namespace create --help`
 */
export function withoutDataOption(args: readonly string[]): {
  readonly data: { readonly data?: string };
  readonly rest: readonly string[];
} {
  const end = args.indexOf('--');
  const at = args.findIndex((word) => /^--data(=|$)/.test(word));
  if (at === -1 || (end !== -1 && end < at) || HAVE_OWN_DATA.test(args.join(' ')))
    return { data: {}, rest: args };
  const [word = '', next] = args.slice(at);
  const isOneWord = word.startsWith('--data=');
  const data = isOneWord ? word.slice('--data='.length) : next;
  if (data === undefined) return { data: {}, rest: args };
  const rest = [...args.slice(0, at), ...args.slice(at + (isOneWord ? 1 : 2))];
  return { data: { data }, rest };
}

/**
 * The data root's own server uses neither TLS nor keys, and neither the settings of a cluster nor a
 * proxy may keep the CLI from reaching it.
 */
function ownServerEnvironment(env: Environment): Environment {
  return Object.fromEntries(
    Object.entries(withoutProxy(env)).filter(
      ([name]) => !/^TEMPORAL_(TLS|API_KEY|GRPC_META|PROFILE)/.test(name),
    ),
  );
}
