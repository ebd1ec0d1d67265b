/**
 * Opens connections for undici: resolves the name, checks every address, connects to a checked one,
 * and speaks TLS on it.
 */
import net from 'node:net';
import tls from 'node:tls';
import { buildConnector } from 'undici';
import type { AddressGuard } from '../addresses/address-guard';
import { FetchFailure } from '../failures/fetch-failure';
import { isTlsCode } from '../failures/tls-failure';
import { bareHost, portOf } from '../host-and-port';
import type { NameResolver, ResolvedName } from '../names/name-resolver';
import { withoutZone } from '../addresses/special-addresses';
import { connectFailure } from './connect-failure';
import type { ChooseProxy, Proxy } from '../proxy/choose-proxy';
import { openThroughProxy } from '../proxy/open-through-proxy';
import { Http2Connection } from './http2-connection';
import { endpointOf, type Endpoint } from './probe-endpoints';
import { dial, DialError, type Dialled } from './dial';
import { errorCode } from '../../files/error-code';

export interface ConnectorOptions {
  readonly resolver: NameResolver;
  readonly guard: AddressGuard;
  /**
   * Origins that were found to speak only HTTP/2. Offering HTTP/2 to all would change the protocol
   * of most https hosts. Mutable.
   */
  readonly http2Origins?: Set<string>;
  /** Aborts connections that are being opened. */
  readonly signal: AbortSignal;
  /**
   * The time limit in milliseconds for connecting, and again for the TLS handshake. The default is
   * 10,000.
   */
  readonly connectTimeoutMs?: number;
  /** Called when the look-up of the host's name begins and when it ends. */
  readonly onLookup?: (url: URL, isUnderWay: boolean) => void;
  /** Chooses the proxy through which a URL is requested. By default there is none. */
  readonly chooseProxy?: ChooseProxy;
  /** Called when a connection is open, to one of the host's addresses or to its proxy. */
  readonly onConnect?: (url: URL, endpoint: Endpoint) => void;
}

type Connector = buildConnector.connector;

const NO_APPLICATION_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

const CONNECT_TIMEOUT_MS = 10_000;
/** The value that undici uses. */
const KEEP_ALIVE_MS = 60_000;

/**
 * At most this many addresses of one name are tried: attempts overlap, and each one holds a socket.
 */
const MAX_ADDRESSES = 16;

/**
 * Returns a function that makes undici's `connect` option for one origin. The caller has checked
 * the URL with {@link AddressGuard.check}, and closes the connections when `onLeaving` is called,
 * because the host ends one of them ({@link Http2Connection}).
 */
export function createConnector(
  options: ConnectorOptions,
): (url: URL, onLeaving: () => void) => Connector {
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const { http2Origins = new Set() } = options;
  return (url, onLeaving) => {
    const http1 = buildConnector({ timeout: 0, allowH2: false });
    const http2 = buildConnector({ timeout: 0, allowH2: true });
    const startHttp2 = async (target: buildConnector.Options): Promise<net.Socket> => {
      const socket = await open(url, options, timeoutMs);
      return watchEnd(await startTls(socket, http2, target, timeoutMs), onLeaving);
    };
    const connect = async (target: buildConnector.Options): Promise<net.Socket> => {
      if (http2Origins.has(url.origin)) return startHttp2(target);
      const socket = await open(url, options, timeoutMs);
      if (target.protocol !== 'https:')
        return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
      try {
        return await startTls(socket, http1, target, timeoutMs);
      } catch (error) {
        if (!speaksOnlyHttp2(error)) throw error;
        http2Origins.add(url.origin);
        return startHttp2(target);
      }
    };
    return (target, callback) => {
      const opened = connect(target);
      opened.then(
        (socket) => {
          callback(null, socket);
        },
        (error: unknown) => {
          callback(error as Error, null);
        },
      );
    };
  };
}

/**
 * Whether the host ended the handshake because HTTP/1.1 was all that was offered (RFC 7301, section
 * 3.2).
 */
function speaksOnlyHttp2(error: unknown): boolean {
  return errorCode(error) === NO_APPLICATION_PROTOCOL;
}

async function open(url: URL, options: ConnectorOptions, timeoutMs: number): Promise<net.Socket> {
  const proxy = options.chooseProxy?.(url) ?? null;
  if (proxy === null) return openConnection(url, options, timeoutMs);
  const { signal, onConnect } = options;
  const socket = await openThroughProxy(url, proxy, { timeoutMs, signal });
  const address = socket.remoteAddress;
  if (address !== undefined) onConnect?.(url, proxyEndpoint(proxy, address));
  return socket;
}

/**
 * The name of a proxy is looked up by the system, so it cannot show whether this program's own
 * look-ups work.
 */
function proxyEndpoint({ url }: Proxy, address: string): Endpoint {
  return { ...endpointOf(url, address), isName: false };
}

async function openConnection(
  url: URL,
  { resolver, guard, signal, onLookup, onConnect }: ConnectorOptions,
  timeoutMs: number,
): Promise<net.Socket> {
  const host = bareHost(url);
  onLookup?.(url, true);
  const name = await (
    net.isIP(host) === 0 ? resolver.resolve(host) : Promise.resolve(resolveLiteral(host))
  ).finally(() => onLookup?.(url, false));
  guard.checkAddresses(
    url,
    name.addresses.map(({ judgedAs }) => judgedAs),
  );
  const addresses = name.addresses.slice(0, MAX_ADDRESSES).map(({ address }) => address);
  try {
    const dialled = await dial({ addresses, port: portOf(url), timeoutMs, signal });
    assertGuardedAddress(dialled, addresses);
    name.prefer(dialled.address);
    onConnect?.(url, endpointOf(url, dialled.address));
    for (const address of dialled.beaten) name.avoid(address);
    return dialled.socket;
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    for (const { address } of error.attempts) name.avoid(address);
    name.drop();
    throw connectFailure(error.attempts, timeoutMs);
  }
}

/** The result of resolving a host that is an address. */
function resolveLiteral(address: string): ResolvedName {
  const ignore = (): void => undefined;
  return {
    addresses: [{ address, judgedAs: address }],
    prefer: ignore,
    avoid: ignore,
    drop: ignore,
  };
}

/**
 * Checks that the connection leads to an address that the guard accepted. A socket that the host
 * has already closed has no address.
 */
function assertGuardedAddress({ socket }: Dialled, addresses: readonly string[]): void {
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) return;
  if (addresses.some((address) => normalizeAddress(address) === normalizeAddress(remoteAddress)))
    return;
  socket.destroy();
  throw new FetchFailure('blocked_address', `connected to ${remoteAddress}, which was not checked`);
}

function normalizeAddress(address: string): string {
  const bare = withoutZone(address);
  const family = net.isIPv6(bare) ? 'ipv6' : 'ipv4';
  return new net.SocketAddress({ address: bare, family }).address;
}

/**
 * Performs the TLS handshake over an open connection through undici, which keeps sessions for later
 * handshakes.
 */
function startTls(
  httpSocket: net.Socket,
  connectTls: Connector,
  target: buildConnector.Options,
  timeoutMs: number,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const detail = `the TLS handshake was not complete after ${timeoutMs / 1_000} s`;
      reject(new FetchFailure('timeout', detail));
      httpSocket.destroy();
    }, timeoutMs);
    connectTls({ ...target, httpSocket }, (...[error, socket]) => {
      clearTimeout(timer);
      if (error === null) resolve(keepTlsError(socket));
      else reject(error);
    });
  });
}

/** undici takes the connection for a socket, of which it uses what {@link Http2Connection} has. */
function watchEnd(socket: net.Socket, onLeaving: () => void): net.Socket {
  const isHttp2 = socket instanceof tls.TLSSocket && socket.alpnProtocol === 'h2';
  if (!isHttp2) return socket;
  const connection: unknown = new Http2Connection(socket, onLeaving);
  return connection as net.Socket;
}

/**
 * In TLS 1.3 a host refuses a client without a certificate only after the handshake, and then
 * closes the connection. undici would report that end, which says less than the error before it.
 */
function keepTlsError(socket: net.Socket): net.Socket {
  return socket.on('error', (error: NodeJS.ErrnoException) => {
    if (isTlsCode(error.code ?? '')) socket.destroy(error);
  });
}
