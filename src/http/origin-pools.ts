/** Connections, one undici pool an origin, never more sockets than the host's budget. */
import { Pool, type Dispatcher } from 'undici';
import type { AddressGuard } from './address-guard';
import { TellingClient } from './tell-when-sent';

export interface OriginPools {
  poolFor(url: URL): Dispatcher;
  close(): Promise<void>;
}

/** **Units** ms; the file's own deadline is above them all. */
const CONNECT_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 30_000;

/** `connectionsFor` says how many sockets a host may have. */
export function createOriginPools(options: {
  readonly guard: AddressGuard;
  readonly connectionsFor: (url: URL) => number;
}): OriginPools {
  const pools = new Map<string, Dispatcher>();
  const create = (url: URL): Dispatcher =>
    new Pool(url.origin, {
      connections: options.connectionsFor(url),
      factory: (origin, each) => new TellingClient(origin, each),
      pipelining: 1,
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: HEADERS_TIMEOUT_MS,
      connect: { timeout: CONNECT_TIMEOUT_MS, lookup: options.guard.lookupFor(url) },
    });
  return {
    poolFor: (url) => {
      const pool = pools.get(url.origin) ?? create(url);
      pools.set(url.origin, pool);
      return pool;
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
}
