/** Connections, one undici pool an origin, never more sockets than the host's budget. */
import { Pool, type Dispatcher } from 'undici';
import { hostKey } from '../contract/plan-entry';
import type { AddressGuard } from './address-guard';
import { createConnector } from './connect/connector';
import type { NameResolver } from './names/name-resolver';
import { TellingClient } from './tell-when-sent';

export interface OriginPools {
  /** The origin's pool, which stays open until `done` is called. */
  use(url: URL): PoolUse;
  /** A connection to the URL's origin waits for the look-up of its name. */
  isLookingUp(url: URL): boolean;
  /** Where the latest connection to the URL's origin leads; null: there was none. */
  addressOf(url: URL): string | null;
  /** Closes every pool without a request, because sockets are scarce. */
  closeIdle(): void;
  /** Closes the host's idle connections; those of requests under way close after them. `host` is a host key. */
  closeHost(host: string): void;
  close(): Promise<void>;
}

export interface PoolUse {
  readonly dispatcher: Dispatcher;
  /** The request is over. */
  done(): void;
}

export interface OriginPoolsOptions {
  readonly guard: AddressGuard;
  readonly resolver: NameResolver;
  /** How many sockets a host may have. */
  readonly connectionsFor: (url: URL) => number;
  /** Beyond this many origins, those without a request are closed at once. */
  readonly mostOrigins: number;
}

/** The file's own deadline is above it. */
const HEADERS_TIMEOUT_MS = 30_000;

/**
 * A pool without a request closes after this time; a batch of many hosts would otherwise keep
 * sockets of all of them.
 */
const IDLE_MS = 2_000;
const SWEEP_MS = 500;

interface OpenPool {
  readonly pool: Pool;
  users: number;
  usedAt: number;
  address: string | null;
  lookups: number;
}

export function createOriginPools(options: OriginPoolsOptions): OriginPools {
  return new OpenPools(options);
}

class OpenPools implements OriginPools {
  readonly #pools = new Map<string, OpenPool>();
  readonly #closed = new AbortController();
  readonly #connectorFor: ReturnType<typeof createConnector>;
  readonly #sweep: NodeJS.Timeout;

  constructor(private readonly options: OriginPoolsOptions) {
    const { guard, resolver } = options;
    this.#connectorFor = createConnector({
      guard,
      resolver,
      signal: this.#closed.signal,
      onLookup: (url, isUnderWay) => {
        const open = this.#pools.get(url.origin);
        if (open !== undefined) open.lookups += isUnderWay ? 1 : -1;
      },
      onConnect: (url, address) => {
        const open = this.#pools.get(url.origin);
        if (open !== undefined) open.address = address;
      },
    });
    this.#sweep = setInterval(() => {
      this.#closeUnused(IDLE_MS);
    }, SWEEP_MS);
    this.#sweep.unref();
  }

  use(url: URL): PoolUse {
    const open = this.#openFor(url);
    let isDone = false;
    open.users += 1;
    return {
      dispatcher: open.pool,
      done: () => {
        if (isDone) return;
        isDone = true;
        open.users -= 1;
        open.usedAt = performance.now();
      },
    };
  }

  isLookingUp(url: URL): boolean {
    return (this.#pools.get(url.origin)?.lookups ?? 0) > 0;
  }

  addressOf(url: URL): string | null {
    return this.#pools.get(url.origin)?.address ?? null;
  }

  closeIdle(): void {
    this.#closeUnused(0);
  }

  closeHost(host: string): void {
    for (const [origin, { pool }] of this.#pools) {
      if (hostKey(new URL(origin)) !== host) continue;
      this.#pools.delete(origin);
      pool.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#closed.abort(new Error('the pools are closed'));
    await Promise.all([...this.#pools.values()].map(({ pool }) => pool.destroy()));
    this.#pools.clear();
  }

  #openFor(url: URL): OpenPool {
    const known = this.#pools.get(url.origin);
    if (known === undefined && this.#pools.size >= this.options.mostOrigins) this.closeIdle();
    const open = known ?? {
      pool: this.#create(url),
      users: 0,
      usedAt: 0,
      address: null,
      lookups: 0,
    };
    open.usedAt = performance.now();
    this.#pools.set(url.origin, open);
    return open;
  }

  #create(url: URL): Pool {
    return new Pool(url.origin, {
      connections: this.options.connectionsFor(url),
      factory: (origin, each) => new TellingClient(origin, each),
      pipelining: 1,
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: HEADERS_TIMEOUT_MS,
      connect: this.#connectorFor(url),
    });
  }

  #closeUnused(unusedMs: number): void {
    const before = performance.now() - unusedMs;
    for (const [origin, { pool, users, usedAt }] of this.#pools) {
      if (users > 0 || usedAt > before) continue;
      this.#pools.delete(origin);
      pool.close().catch(() => undefined);
    }
  }
}
