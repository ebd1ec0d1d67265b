/** Connects to a Temporal server: configured by TEMPORAL_* or temporal.toml, or the embedded one. */
import fs from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { ConfigError } from '../config';
import { TemporalUnreachable } from './temporal-unreachable';

/** Where a server is and how to talk to it. */
export interface ConnectionSettings {
  readonly address: string;
  readonly namespace: string;
  /** Key, TLS, headers, as @temporalio/envconfig read them. */
  readonly options: NativeConnectionOptions;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** **Units** ms. A server that is there answers in a fraction of it. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Settings for a server without key or TLS. */
export function plainSettings(address: string, namespace = 'default'): ConnectionSettings {
  return { address, namespace, options: { address } };
}

/**
 * The server that TEMPORAL_* or a profile in temporal.toml names; null when neither does.
 *
 * **Errors** ConfigError when the file or the profile cannot be used.
 */
export function configuredConnection(env: Environment): ConnectionSettings | null {
  const file = env.TEMPORAL_CONFIG_FILE;
  // @temporalio/envconfig silently ignores a file that is not there.
  if (file !== undefined && file !== '' && !fs.existsSync(file))
    throw new ConfigError(
      `TEMPORAL_CONFIG_FILE names ${file}, which does not exist. Correct it, or unset it.`,
    );
  const { connectionOptions, namespace } = readSettings(env);
  const { address } = connectionOptions;
  if (address === undefined || address === '') return null;
  return { address, namespace: namespace ?? 'default', options: connectionOptions };
}

function readSettings(env: Environment): ReturnType<typeof loadClientConnectConfig> {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    throw new ConfigError(
      `Temporal's settings (TEMPORAL_*, temporal.toml) cannot be read: ${messageOf(error)}`,
    );
  }
}

/** A worker's connection. **Errors** {@link TemporalUnreachable}. */
export async function connectNative(settings: ConnectionSettings): Promise<NativeConnection> {
  // Its own connect tries for a minute without a word: ask first.
  const probe = await connectClient(settings);
  await probe.connection.close();
  try {
    return await NativeConnection.connect({ ...settings.options, address: settings.address });
  } catch (error) {
    throw unreachable(settings, error);
  }
}

/** A client of the settings' namespace, which exists. **Errors** {@link TemporalUnreachable}. */
export async function connectClient(settings: ConnectionSettings): Promise<Client> {
  const connection = await connect(settings);
  try {
    await connection.withDeadline(Date.now() + CONNECT_TIMEOUT_MS, () =>
      connection.workflowService.describeNamespace({ namespace: settings.namespace }),
    );
  } catch (error) {
    // A role may work in a namespace that it may not describe.
    if (codeOf(error) !== PERMISSION_DENIED) {
      await connection.close();
      throw unreachable(settings, error);
    }
  }
  return new Client({ connection, namespace: settings.namespace });
}

async function connect(settings: ConnectionSettings): Promise<Connection> {
  const { apiKey, tls, metadata } = settings.options;
  try {
    return await Connection.connect({
      address: settings.address,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(tls === undefined ? {} : { tls }),
      ...(metadata === undefined ? {} : { metadata }),
    });
  } catch (error) {
    throw unreachable(settings, error);
  }
}

/** gRPC status codes. **Source** google.rpc.Code. */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;

function unreachable({ address, namespace }: ConnectionSettings, error: unknown): Error {
  if (codeOf(error) === NOT_FOUND)
    return new TemporalUnreachable(
      address,
      `The Temporal server at ${address} has no namespace "${namespace}". Create it (temporal operator namespace create -n ${namespace}), or set TEMPORAL_NAMESPACE.`,
      { cause: error },
    );
  return new TemporalUnreachable(
    address,
    `No Temporal server answers at ${address} (${messageOf(error)}). Start it, or correct TEMPORAL_ADDRESS; without one set, "artemis-pipeline up" brings a server of its own.`,
    { cause: error },
  );
}

function codeOf(error: unknown): number | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'number' ? code : null;
}

function messageOf(error: unknown): string {
  const text =
    typeof error === 'object' && error !== null && 'message' in error
      ? String(error.message)
      : String(error);
  return text.split('\n')[0] ?? '';
}
