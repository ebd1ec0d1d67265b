/** Asks the server whether an attempt of an activity is still the one that it waits for. */
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

/** A question is a heartbeat: the answer is about this very attempt, and it restarts the server's timer. */
export interface OwnershipQuestions {
  /**
   * `details`: those of the attempt's other heartbeats, because the latest ones are what its successor is given.
   *
   * @throws Temporal's own error when there is no answer in time.
   */
  ask(taskToken: Uint8Array, details: object): Promise<'ours' | 'superseded'>;
  close(): Promise<void>;
}

/**
 * Over a connection of their own, not the worker's: that one is given up only after 45 s when a router has forgotten it
 * (keep-alive), and packets that were lost in a longer interruption are sent again only after seconds. After a question without
 * an answer the next one is asked over a new connection.
 */
export function createOwnershipQuestions(settings: ConnectionSettings): OwnershipQuestions {
  let current = connect(settings);
  const giveUp = async (failed: Asked): Promise<void> => {
    // Several questions may fail over one connection.
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
        // The SDK's own heartbeats deliver these.
        if (isCommand(error)) return 'ours';
        await giveUp(asked);
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

/** Nothing is retried below: a question is repeated anyway, and only the first sending says when it was sent. */
function connect(settings: ConnectionSettings): Asked {
  const connection = lazyConnection(settings, {
    interceptors: [],
    // Without it a new connection would share the socket of the one that was given up.
    channelArgs: { 'grpc.use_local_subchannel_pool': 1 },
  });
  return { connection, client: new Client({ connection, namespace: settings.namespace }) };
}

function isCommand(error: unknown): boolean {
  return (
    error instanceof ActivityCancelledError ||
    error instanceof ActivityPausedError ||
    error instanceof ActivityResetError
  );
}
