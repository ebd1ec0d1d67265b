/**
 * Finds out what can be reached of Temporal: the CLI, a server, its namespace, this program's
 * search attributes, and workers.
 */
import type { Client } from '@temporalio/client';
import { registeredSearchAttributes } from '../activities/registered-search-attributes';
import type { Config } from '../config';
import {
  ourTemporalCommand,
  workerCommand,
  type TerminalPlace,
  type WorkersPlace,
} from '../contract/commands/printed-command';
import { CLI_TYPE_NAMES, SEARCH_ATTRIBUTES } from '../contract/operator';
import { QUEUE_NAMES, type QueueName } from '../contract/task-queues';
import { configuredConnection, type ConnectionSettings } from '../server/configured-connection';
import { connectClient } from '../server/connection';
import { runningServer } from '../server/embedded/dev-server';
import { installedTemporalCli } from '../server/embedded/find-cli';
import { ailing, fine, firstLineOfMessage, type DoctorFinding } from './finding';

/** Finds the queues that no worker polls. */
export type MissingQueues = (client: Client) => Promise<readonly QueueName[]>;

/** Starts nothing and fetches nothing. */
export async function serverFindings(
  config: Config,
  missingQueues: MissingQueues,
): Promise<readonly DoctorFinding[]> {
  const configured = readConfigured(config.env);
  if (configured instanceof Error)
    return [
      await cliFinding(config, { hasServer: true }),
      ailing('temporal', 'Temporal server', configured.message, 'then run "doctor" again'),
    ];
  const cli = await cliFinding(config, { hasServer: configured !== null });
  if (configured !== null) {
    const source = configuredBy(config.env);
    return [
      cli,
      ...(await reachableFindings(
        { ...configured, place: config },
        { source, place: { ...config, configured } },
        missingQueues,
      )),
    ];
  }
  const own = await runningServer(config.dataRoot);
  if (own === null)
    return [
      cli,
      fine(
        'Temporal server',
        'none is configured, and none runs for this data root',
        `"${workerCommand('all', config)}" or "run" starts one; or set TEMPORAL_ADDRESS`,
      ),
    ];
  const source = "the data root's own, temporal/server.json";
  return [
    cli,
    ...(await reachableFindings(
      own.settings,
      { source, place: { ...config, configured: null } },
      missingQueues,
    )),
  ];
}

function readConfigured(env: Config['env']): ConnectionSettings | Error | null {
  try {
    return configuredConnection(env);
  } catch (error) {
    // Not instanceof, because only root modules may import config.ts.
    if (error instanceof Error && error.name === 'ConfigError') return error;
    throw error;
  }
}

async function cliFinding(
  config: Config,
  { hasServer }: { readonly hasServer: boolean },
): Promise<DoctorFinding> {
  const cli = await installedTemporalCli({ env: config.env });
  if (cli !== null) return fine('Temporal CLI', `${cli.version}, ${cli.file}`);
  const seen = 'not on PATH, not in the cache';
  const next =
    'the first "up" fetches it with python3 -m pip; or install it from https://docs.temporal.io/cli';
  return hasServer
    ? fine('Temporal CLI', seen, next)
    : ailing('temporal', 'Temporal CLI', seen, next);
}

function configuredBy(env: Config['env']): string {
  if ((env.TEMPORAL_ADDRESS ?? '') !== '') return 'TEMPORAL_ADDRESS';
  const profile = env.TEMPORAL_PROFILE ?? 'default';
  return `the profile "${profile}" of ${env.TEMPORAL_CONFIG_FILE ?? 'temporal.toml'}`;
}

async function reachableFindings(
  settings: ConnectionSettings,
  { source, place }: { readonly source: string; readonly place: TerminalPlace },
  missingQueues: MissingQueues,
): Promise<readonly DoctorFinding[]> {
  const where = `${settings.address}, namespace ${settings.namespace} (${source})`;
  try {
    const client = await connectClient(settings);
    try {
      return [
        fine('Temporal server', `answers at ${where}`),
        await attributesFinding(client, place),
        workersFinding(await missingQueues(client), place),
      ];
    } finally {
      await client.connection.close();
    }
  } catch (error) {
    // The message itself says what to do.
    const next = 'or unset TEMPORAL_*, and the data root gets a server of its own';
    return [ailing('temporal', 'Temporal server', `${where}: ${firstLineOfMessage(error)}`, next)];
  }
}

async function attributesFinding(client: Client, place: TerminalPlace): Promise<DoctorFinding> {
  let unknown: unknown = null;
  const known = await registeredSearchAttributes(client, (error) => (unknown = error));
  if (unknown !== null)
    return fine(
      'search attributes',
      `the server does not list them (${firstLineOfMessage(unknown)}); runs work without them`,
    );
  const missing = SEARCH_ATTRIBUTES.filter(({ name }) => !known.includes(name));
  if (missing.length === 0) return fine('search attributes', 'all are registered');
  return fine(
    'search attributes',
    `not registered: ${missing.map(({ name }) => name).join(', ')}; runs work without them`,
    `"up" and "run" register them where they may; else: ${createAttributesCommand(missing, place)}`,
  );
}

/** One command for each type, because a command takes names of one type. */
function createAttributesCommand(
  missing: readonly (typeof SEARCH_ATTRIBUTES)[number][],
  place: TerminalPlace,
): string {
  return [...new Set(missing.map(({ type }) => type))]
    .map((type) => {
      const names = missing.filter((one) => one.type === type).map(({ name }) => `--name ${name}`);
      const words = `operator search-attribute create ${names.join(' ')} --type ${CLI_TYPE_NAMES[type]}`;
      return ourTemporalCommand(words, place);
    })
    .join(' && ');
}

function workersFinding(missing: readonly QueueName[], place: WorkersPlace): DoctorFinding {
  const served = QUEUE_NAMES.filter((queue) => !missing.includes(queue));
  const seen = `serve ${served.length === 0 ? 'no queue' : served.join(', ')}`;
  if (missing.length === 0) return fine('workers', seen);
  return fine(
    'workers',
    `${seen}; no worker serves ${missing.join(', ')}`,
    `"${workerCommand('all', place)}" starts workers; "run" starts its own`,
  );
}
