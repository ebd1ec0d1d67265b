/**
 * Connects workers to a Temporal server. Clients have a connection of another kind, whose
 * module does not load the package of the workers.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { ConnectionSettings } from './configured-connection';
import { CORRECT_ADDRESS } from './connect-failure';
import {
  CONNECT_TIMEOUT_MS,
  connectDescribing,
  describeNamespace,
  messageOf,
  unreachable,
} from './connection';

/**
 * Opens a worker's connection.
 *
 * @param client an open client of the same server, if the caller has one. It stays open.
 * @throws TemporalUnreachable.
 */
export async function connectNative(
  settings: ConnectionSettings,
  client?: Client,
): Promise<NativeConnection> {
  // The errors of the native connection are less precise, and it may try for a minute without
  // reporting anything. A client therefore first asks all that a worker will ask. A server that has
  // answered the caller's client is asked meanwhile.
  if (client === undefined) await (await connectDescribing(settings, [])).close();
  const asked = client === undefined ? Promise.resolve() : describeNamespace(client, settings);
  const connecting = connectInTime(settings);
  try {
    await asked;
    return await connecting;
  } catch (error) {
    await connecting.then((connection) => connection.close()).catch(() => undefined);
    throw error;
  }
}

/** @throws TemporalUnreachable, also after {@link CONNECT_TIMEOUT_MS}. */
async function connectInTime(settings: ConnectionSettings): Promise<NativeConnection> {
  const timer = new AbortController();
  const timeLimit = delay(CONNECT_TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error('no connection in time');
  });
  const connecting = NativeConnection.connect({ ...settings.options, address: settings.address });
  try {
    return await Promise.race([connecting, timeLimit]);
  } catch (error) {
    throw unreachable(settings, messageOf(error), CORRECT_ADDRESS, error);
  } finally {
    timer.abort();
    timeLimit.catch(() => undefined);
    connecting.catch(() => undefined);
  }
}
