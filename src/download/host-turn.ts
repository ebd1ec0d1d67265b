/** One try's turn at its host: not while the host, or the network, is down; and who tells them what came of it. */
import type { FetchFailure } from '../http/fetch-failure';
import type { BatchHost } from './batch-hosts';
import type { Episode, OutageWatch, Turn } from './outage-watch';
import type { Places } from './places';

export interface HostTurn {
  /** False once an outage has begun. */
  mayGoOn(): boolean;
  answered(): void;
  /** `key`: the image's, when its failure may be an outage's. Returns the episodes that it may belong to. */
  failed(failure: FetchFailure, key: string | null): readonly Episode[];
  end(): void;
}

/** Waits, at rest, for the end of an outage, or to be its probe. **Errors** HostLeft, HostExhausted. */
export async function createHostTurn(run: {
  readonly host: BatchHost;
  readonly network: OutageWatch;
  readonly places: Places;
}): Promise<HostTurn> {
  const { host, network, places } = run;
  for (;;) {
    const atHost = await turnAt(host.outages, places);
    try {
      const atNetwork = await turnAt(network, places);
      // It may have gone down while the network was waited for.
      if (atHost.mayGoOn()) return turnOf(host, atHost, atNetwork);
      atNetwork.end();
    } catch (error) {
      atHost.end();
      throw error;
    }
    atHost.end();
  }
}

function turnAt(watch: OutageWatch, places: Places): Promise<Turn> {
  return watch.isDown() ? places.rest(() => watch.turn()) : watch.turn();
}

function turnOf({ host, gate }: BatchHost, atHost: Turn, atNetwork: Turn): HostTurn {
  return {
    mayGoOn: () => atHost.mayGoOn() && atNetwork.mayGoOn(),
    answered: () => {
      gate.goodAnswer();
      atHost.answered();
      atNetwork.answered();
    },
    failed: (failure, key) => {
      const isTrouble = isHostTrouble(failure);
      if (!isTrouble) atHost.answered();
      // Who is silent on an open connection may be slow, or out of reach: it is nothing for or against the network.
      if (!failure.isUnreachable && failure.code !== 'timeout') atNetwork.answered();
      // What cannot be trusted, and what asks for patience, is no good answer.
      if (!isTrouble && failure.retryAfterMs === null && failure.code !== 'tls') gate.goodAnswer();
      return [
        ...(isTrouble ? [atHost.failed(key, failure.code)] : []),
        ...(failure.isUnreachable ? [atNetwork.failed(host, failure.code)] : []),
      ];
    },
    end: () => {
      atHost.end();
      atNetwork.end();
    },
  };
}

const TROUBLE = /^(connect|dns|timeout|http_(408|425|429|5\d\d))$/;

/** It may be the host's and not the image's. Who names a time (Retry-After) is at work, and waited for by its word. */
export function isHostTrouble({ code, retryAfterMs }: FetchFailure): boolean {
  return retryAfterMs === null && TROUBLE.test(code);
}
