/**
 * One undici pool of connections for each origin, with no more sockets than the host's budget
 * allows.
 */
import type net from 'node:net';
import { Pool } from 'undici';
import { hostKey } from '../../contract/plan-entry';
import type { AddressGuard } from '../addresses/address-guard';
import { createConnector } from '../connect/connector';
import type { Endpoint } from '../connect/probe-endpoints';
import type { IdlePool, IdlePools } from './idle-pools';
import type { NameResolver } from '../names/name-resolver';
import type { ChooseProxy, Proxy } from '../proxy/choose-proxy';
import type { Deadline } from '../deadline';
import { exchange, type Exchange, type RequestOptions } from '../exchange';
import { exchangeLeniently } from '../lenient/lenient-exchange';
import { RefusedHeads } from '../lenient/refused-heads';
import { NotifyingClient } from '../notifying-client';
import { MAX_HEADER_BYTES } from '../failures/protocol-failure';

export interface OriginPools {
  /**
   * Returns the origin's pool, which stays open until `done` is called.
   *
   * @param isLenient the request gets a connection of its own, and its answer a lenient parser.
   */
  use(url: URL, isLenient?: boolean): PoolUse;
  /** The next answers of the URL are read leniently, because the parser refused a body. */
  readLeniently(url: URL): void;
  /** Whether a connection to the URL's origin waits for the look-up of its name. */
  isLookingUp(url: URL): boolean;
  /**
   * The address to which the latest connection to the URL's origin leads; null if there was none.
   */
  endpointOf(url: URL): Endpoint | null;
  /**
   * Closes the idle connections of a host key; connections with a request in flight close after
   * that request.
   */
  closeHost(host: string): void;
  /**
   * Closes the connections of the URL's origin, as {@link closeHost} does, if they use HTTP/2. A
   * request cannot ask undici to close such a connection.
   */
  closeHttp2(url: URL): void;
  close(): Promise<void>;
}

export interface PoolUse {
  /**
   * Resolves when the status and headers have arrived.
   *
   * @throws what `exchange` and `exchangeLeniently` throw.
   */
  send(options: RequestOptions, deadline: Deadline): Promise<Exchange>;
  /** The proxy through which the requests are sent; null for none. */
  readonly proxy: Proxy | null;
  /** Called when the request has ended. */
  done(): void;
}

export interface OriginPoolsOptions {
  readonly guard: AddressGuard;
  readonly resolver: NameResolver;
  /** The number of sockets that a host may have. */
  readonly connectionsFor: (url: URL) => number;
  readonly idle: IdlePools;
  /** Chooses the proxy. By default there is none. */
  readonly chooseProxy?: ChooseProxy;
}

/** The time limit for the headers, in milliseconds. The deadline of the whole file is longer. */
const HEADERS_TIMEOUT_MS = 30_000;

/** An idle pool closes after this time. undici closes idle connections then anyway. */
const IDLE_MS = 4_000;
const SWEEP_INTERVAL_MS = 500;

interface OpenPool extends IdlePool {
  readonly pool: Pool;
  users: number;
  usedAt: number;
  readonly proxy: Proxy | null;
  endpoint: Endpoint | null;
  lookups: number;
}

export function createOriginPools(options: OriginPoolsOptions): OriginPools {
  return new OpenPools(options);
}

class OpenPools implements OriginPools {
  readonly #pools = new Map<string, OpenPool>();
  readonly #closeController = new AbortController();
  readonly #connectorFor: ReturnType<typeof createConnector>;
  readonly #sweepTimer: NodeJS.Timeout;
  readonly #http2Origins = new Set<string>();
  readonly #refusedHeads = new RefusedHeads();

  constructor(private readonly options: OriginPoolsOptions) {
    const { guard, resolver, chooseProxy } = options;
    this.#connectorFor = createConnector({
      guard,
      resolver,
      signal: this.#closeController.signal,
      http2Origins: this.#http2Origins,
      onLookup: (url, isUnderWay) => {
        const open = this.#pools.get(url.origin);
        if (open !== undefined) open.lookups += isUnderWay ? 1 : -1;
      },
      ...(chooseProxy === undefined ? {} : { chooseProxy }),
      onConnect: (url, endpoint) => {
        const open = this.#pools.get(url.origin);
        if (open !== undefined) open.endpoint = endpoint;
      },
    });
    this.#sweepTimer = setInterval(() => {
      this.#closeUnused();
    }, SWEEP_INTERVAL_MS);
    this.#sweepTimer.unref();
  }

  use(url: URL, isLenient = false): PoolUse {
    if (isLenient || this.#refusedHeads.isLenient(url)) return this.#useOwnConnection(url);
    const open = this.#poolFor(url);
    let isDone = false;
    open.users += 1;
    return {
      send: (options, deadline) =>
        this.#refusedHeads.note(url, exchange(open.pool, options, deadline)),
      proxy: open.proxy,
      done: () => {
        if (isDone) return;
        isDone = true;
        open.users -= 1;
        open.usedAt = performance.now();
        if (open.users === 0 && this.#pools.get(url.origin) === open) this.options.idle.add(open);
      },
    };
  }

  #useOwnConnection(url: URL): PoolUse {
    // Its connection counts as one of the host's, so idle ones may not stay beside it.
    this.closeHost(hostKey(url));
    return {
      send: (options, deadline) =>
        exchangeLeniently({ host: url.host, connect: () => this.#connect(url) }, options, deadline),
      proxy: this.options.chooseProxy?.(url) ?? null,
      done: () => undefined,
    };
  }

  #connect(url: URL): Promise<net.Socket> {
    const { hostname, host, protocol, port } = url;
    return new Promise((resolve, reject) => {
      const connect = this.#connectorFor(url, () => undefined);
      connect({ hostname, host, protocol, port }, (...[error, socket]) => {
        if (error === null) resolve(socket);
        else reject(error);
      });
    });
  }

  readLeniently(url: URL): void {
    this.#refusedHeads.readLeniently(url);
  }

  isLookingUp(url: URL): boolean {
    return (this.#pools.get(url.origin)?.lookups ?? 0) > 0;
  }

  endpointOf(url: URL): Endpoint | null {
    return this.#pools.get(url.origin)?.endpoint ?? null;
  }

  closeHost(host: string): void {
    for (const [origin, open] of this.#pools) if (hostKey(new URL(origin)) === host) open.close();
  }

  closeHttp2(url: URL): void {
    if (this.#http2Origins.has(url.origin)) this.#pools.get(url.origin)?.close();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweepTimer);
    this.#closeController.abort(new Error('the pools are closed'));
    const pools = [...this.#pools.values()];
    for (const open of pools) this.options.idle.remove(open);
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.destroy()));
  }

  #poolFor(url: URL): OpenPool {
    const known = this.#pools.get(url.origin);
    if (known !== undefined) {
      this.options.idle.remove(known);
      return known;
    }
    const pool = this.#createPool(url, () => {
      open.close();
    });
    const open: OpenPool = {
      pool,
      users: 0,
      usedAt: 0,
      proxy: this.options.chooseProxy?.(url) ?? null,
      endpoint: null,
      lookups: 0,
      close: () => {
        this.options.idle.remove(open);
        if (this.#pools.get(url.origin) === open) this.#pools.delete(url.origin);
        // Requests in flight still receive their responses.
        pool.close().catch(() => undefined);
      },
    };
    this.#pools.set(url.origin, open);
    return open;
  }

  #createPool(url: URL, onLeaving: () => void): Pool {
    return new Pool(url.origin, {
      connections: this.options.connectionsFor(url),
      factory: (origin, each) => new NotifyingClient(origin, each),
      pipelining: 1,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: HEADERS_TIMEOUT_MS,
      connect: this.#connectorFor(url, onLeaving),
    });
  }

  #closeUnused(): void {
    const before = performance.now() - IDLE_MS;
    for (const open of this.#pools.values())
      if (open.users === 0 && open.usedAt <= before) open.close();
  }
}
