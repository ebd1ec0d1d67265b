/** Asks the server whether it still waits for this attempt of an activity, or for a later one. */
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
  Client,
  type Connection,
} from '@temporalio/client';
import { OWNERSHIP_QUESTION_LIMIT_MS } from '../contract/batch-timing';
import type { ConnectionSettings } from './configured-connection';
import { lazyConnection } from './connection';

/**
 * A question is a heartbeat. Its answer is about this very attempt, and it restarts the server's
 * timer.
 */
export interface OwnershipQuestions {
  /**
   * @param details the details of the attempt's other heartbeats, because its successor receives
   *   the latest ones.
   * @throws Temporal's own error when there is no answer in time.
   */
  ask(taskToken: Uint8Array, details: object): Promise<'ours' | 'superseded'>;
  close(): Promise<void>;
}

/**
 * Uses a connection of its own and not the worker's. When a router has forgotten a connection, the
 * worker gives its own up only after 45 s (keep-alive), and sends packets that were lost in a
 * longer interruption again only after seconds. After a question without an answer, the next one
 * uses a new connection.
 */
export function createOwnershipQuestions(settings: ConnectionSettings): OwnershipQuestions {
  let current = connect(settings);
  const replaceConnection = async (failed: Asked): Promise<void> => {
    // Several questions may have failed over one connection.
    if (failed !== current) return;
    current = connect(settings);
    await failed.connection.close();
  };
  return {
    ask: async (taskToken, details) => {
      const { client } = current;
      const asked = current;
      try {
        await client.withDeadline(Date.now() + OWNERSHIP_QUESTION_LIMIT_MS, () =>
          client.activity.heartbeat(taskToken, details),
        );
        return 'ours';
      } catch (error) {
        if (error instanceof ActivityNotFoundError) return 'superseded';
        // The SDK's own heartbeats deliver these commands.
        if (isActivityCommand(error)) return 'ours';
        await replaceConnection(asked);
        throw error;
      }
    },
    close: () => current.connection.close(),
  };
}

interface Asked {
  readonly connection: Connection;
  readonly client: Client;
}

/**
 * The connection retries nothing. A question is repeated anyway, and only its first transmission
 * shows when it was sent.
 */
function connect(settings: ConnectionSettings): Asked {
  const connection = lazyConnection(settings, {
    interceptors: [],
    // Without this option a new connection would share the socket of the one that was replaced.
    channelArgs: { 'grpc.use_local_subchannel_pool': 1 },
  });
  return { connection, client: new Client({ connection, namespace: settings.namespace }) };
}

function isActivityCommand(error: unknown): boolean {
  return (
    error instanceof ActivityCancelledError ||
    error instanceof ActivityPausedError ||
    error instanceof ActivityResetError
  );
}
