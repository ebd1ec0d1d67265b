/**
 * Connects workers to a Temporal server. It is apart from the connection of clients, because their
 * commands need not load the package of the workers.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import type { ConnectionSettings } from './configured-connection';
import {
  CONNECT_TIMEOUT_MS,
  CORRECT_ADDRESS,
  connectDescribing,
  messageOf,
  unreachable,
} from './connection';

/**
 * Opens a worker's connection.
 *
 * @throws TemporalUnreachable.
 */
export async function connectNative(settings: ConnectionSettings): Promise<NativeConnection> {
  // The errors of the native connection are less precise, and it may try for a minute without
  // reporting anything. A client therefore first asks all that a worker will ask.
  const probe = await connectDescribing(settings, []);
  await probe.close();
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
