/**
 * Sends short requests to Temporal with a time limit, so that no command hangs without an answer.
 */
import type { Client } from '@temporalio/client';
import { upCommand } from '../contract/commands/printed-command';
import type { ConnectionSettings } from './configured-connection';
import { isSilence } from './is-silence';
import { StandstillWatch } from './standstill';
import { TemporalUnreachable } from './temporal-unreachable';

/** The time limit in milliseconds. A working server answers in a fraction of it. */
const DEADLINE_MS = 10_000;

/**
 * Asks Temporal within the time limit. Asks again when this process has stood still meanwhile.
 *
 * @param server `doing` says what is asked, as the end of the sentence "The server did not answer
 *   when we were …".
 * @throws TemporalUnreachable when no answer comes in time; the errors of `ask`.
 */
export async function askTemporal<T>(
  server: AskedServer & { readonly doing: string },
  ask: () => Promise<T>,
): Promise<T> {
  const { client, address, doing } = server;
  const watch = new StandstillWatch();
  try {
    return await watch.ask(() => client.withDeadline(Date.now() + DEADLINE_MS, ask));
  } catch (error) {
    if (!isSilence(error)) throw error;
    throw new TemporalUnreachable(
      address,
      `The Temporal server at ${address} did not answer within ${DEADLINE_MS / 1_000} s when we were ${doing}. Nothing is lost; when it answers again, the same command continues.`,
      { cause: error },
    );
  } finally {
    watch.stop();
  }
}

/** A client, and the address to name when it gets no answer. */
export interface AskedServer {
  readonly client: Client;
  readonly address: string;
}

/** The error for a command that was following a run when its server ended. */
export function serverGone(
  { address, place }: ConnectionSettings,
  cause: unknown,
): TemporalUnreachable {
  return new TemporalUnreachable(
    address,
    `The Temporal server at ${address} no longer answers. The run continues when it is back (one that "${upCommand(place)}" started comes back with it); the same command follows it then.`,
    { cause },
  );
}
