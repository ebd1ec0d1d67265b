/**
 * Connects a client to a Temporal server. When that fails, the error states the reason and what to
 * do in one line.
 */
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { configuredTemporalCommand, upCommand } from '../contract/commands/printed-command';
import { shellWord } from '../contract/commands/shell-word';
import { connectFailure, CORRECT_ADDRESS } from './connect-failure';
import type { ConnectionSettings } from './configured-connection';
import {
  DEADLINE_EXCEEDED,
  NOT_FOUND,
  PERMISSION_DENIED,
  UNAUTHENTICATED,
  UNAVAILABLE,
} from './grpc-codes';
import { TemporalUnreachable } from './temporal-unreachable';

/** The time limit for connecting, in milliseconds. A working server answers in a fraction of it. */
export const CONNECT_TIMEOUT_MS = 4_000;

/**
 * Opens a client for the namespace of the settings, which must exist.
 *
 * @throws TemporalUnreachable.
 */
export async function connectClient(settings: ConnectionSettings): Promise<Client> {
  // A role may be allowed to work in a namespace that it may not describe.
  const connection = await connectDescribing(settings, [PERMISSION_DENIED]);
  return new Client({ connection, namespace: settings.namespace });
}

/**
 * Connects and describes the namespace.
 *
 * @param tolerated gRPC codes with which the description may fail.
 */
export async function connectDescribing(
  settings: ConnectionSettings,
  tolerated: readonly number[],
): Promise<Connection> {
  const connection = await connect(settings);
  try {
    await describeNamespace(connection, settings, tolerated);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

/**
 * Asks an open client or connection for the namespace of the settings.
 *
 * @param tolerated gRPC codes with which the description may fail.
 * @throws TemporalUnreachable.
 */
export async function describeNamespace(
  connection: Pick<Connection | Client, 'withDeadline' | 'workflowService'>,
  settings: ConnectionSettings,
  tolerated: readonly number[] = [],
): Promise<void> {
  try {
    await connection.withDeadline(Date.now() + CONNECT_TIMEOUT_MS, () =>
      connection.workflowService.describeNamespace({ namespace: settings.namespace }),
    );
  } catch (error) {
    if (!tolerated.includes(grpcCode(error) ?? 0)) throw refusalError(settings, error);
  }
}

/**
 * A connection that is established at its first use.
 *
 * @param more options in addition to those of the settings.
 */
export function lazyConnection(
  settings: ConnectionSettings,
  more: Pick<ConnectionOptions, 'channelArgs' | 'interceptors'> = {},
): Connection {
  const { apiKey, tls, metadata } = settings.options;
  return Connection.lazy({
    address: settings.address,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata }),
    ...more,
    channelArgs: {
      ...(settings.ignoresProxy === true ? { 'grpc.enable_http_proxy': 0 } : {}),
      ...more.channelArgs,
    },
  });
}

async function connect(settings: ConnectionSettings): Promise<Connection> {
  const connection = lazyConnection(settings);
  try {
    await connection.ensureConnected();
    return connection;
  } catch (error) {
    await connection.close();
    // A connection may also break at once, because TLS 1.3 checks a client's certificate after the
    // handshake.
    if (![null, DEADLINE_EXCEEDED, UNAVAILABLE].includes(grpcCode(error)))
      throw refusalError(settings, error);
    const failure = await connectFailure(settings);
    const { seen, next } = failure ?? { seen: detailsOf(error), next: CORRECT_ADDRESS };
    throw unreachable(settings, seen, next, error);
  }
}

/** The error when a server answers and refuses. */
function refusalError(settings: ConnectionSettings, error: unknown): TemporalUnreachable {
  const { address, namespace, options } = settings;
  switch (grpcCode(error)) {
    case NOT_FOUND:
      return new TemporalUnreachable(
        address,
        `The Temporal server at ${address} has no namespace "${namespace}". Create it (${createNamespaceCommand(settings)}), or correct TEMPORAL_NAMESPACE.`,
        { cause: error },
      );
    case PERMISSION_DENIED:
    case UNAUTHENTICATED:
      return new TemporalUnreachable(
        address,
        `The Temporal server at ${address} does not let us in (${detailsOf(error)}): ${
          options.apiKey === undefined
            ? 'set TEMPORAL_API_KEY, or the profile’s api_key, or a client certificate (TEMPORAL_TLS_*)'
            : `it refuses the API key for the namespace "${namespace}", or a role that may not describe it, as every worker must: correct TEMPORAL_API_KEY, or the profile’s api_key, or give the role that right`
        }.`,
        { cause: error },
      );
    default:
      return unreachable(settings, detailsOf(error), CORRECT_ADDRESS, error);
  }
}

/** The namespace is an argument of this command, so no option names it. */
function createNamespaceCommand({ address, namespace }: ConnectionSettings): string {
  return configuredTemporalCommand(`operator namespace create -n ${shellWord(namespace)}`, {
    address,
    namespace: 'default',
  });
}

/**
 * @param seen what happened.
 * @param next what the user can do about it.
 */
export function unreachable(
  { address, place }: ConnectionSettings,
  seen: string,
  next: string,
  cause: unknown,
): TemporalUnreachable {
  return new TemporalUnreachable(
    address,
    `No Temporal server can be used at ${address}: ${seen}. What to do: ${next}. Without a configured server, "${upCommand(place)}" brings one of its own.`,
    { cause },
  );
}

/** The code of the error or of its cause, which Temporal's client wraps. */
function grpcCode(error: unknown): number | null {
  if (typeof error !== 'object' || error === null) return null;
  if ('code' in error && typeof error.code === 'number') return error.code;
  return 'cause' in error ? grpcCode(error.cause) : null;
}

function detailsOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('details' in error && typeof error.details === 'string') return firstLine(error.details);
  return 'cause' in error && error.cause !== undefined ? detailsOf(error.cause) : messageOf(error);
}

/** The first line of an error's message. */
export function messageOf(error: unknown): string {
  const isObject = typeof error === 'object' && error !== null;
  return firstLine(isObject && 'message' in error ? String(error.message) : String(error));
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
