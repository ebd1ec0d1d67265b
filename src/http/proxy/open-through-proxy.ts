/**
 * Opens connections through a proxy. For http they lead to the proxy itself, and for https through
 * a tunnel to the host.
 */
import http from 'node:http';
import type net from 'node:net';
import { FetchFailure } from '../failures/fetch-failure';
import { isTlsCode } from '../failures/tls-failure';
import { portOf } from '../host-and-port';
import type { Proxy } from './choose-proxy';
import { connectToProxy, type ConnectLimits } from './connect-to-proxy';
import { isOwnFailure } from '../connect/dial';
import { authenticationFailure, proxyFailure, PROXY_AUTHENTICATION } from './proxy-failure';

/**
 * Opens a connection. The proxy resolves the host's name and connects to it, so its addresses
 * cannot be checked here.
 *
 * @throws FetchFailure, with `probeProxy` when the proxy is the reason; the signal's reason.
 */
export async function openThroughProxy(
  url: URL,
  proxy: Proxy,
  limits: ConnectLimits,
): Promise<net.Socket> {
  const socket = await connectToProxy(proxy, limits).catch((error: unknown) => {
    limits.signal.throwIfAborted();
    if (isOwnFailure(error)) throw error;
    throw proxyFailure(proxy, `no connection to the proxy: ${reasonOf(error)}`);
  });
  if (url.protocol === 'http:') return socket;
  try {
    await openTunnel(socket, { url, proxy, timeoutMs: limits.timeoutMs });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** The error's code. For TLS to the proxy, and for an error without a code, it is the message. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined || isTlsCode(code) ? message : code;
}

interface Tunnel {
  readonly url: URL;
  readonly proxy: Proxy;
  readonly timeoutMs: number;
}

function openTunnel(socket: net.Socket, { url, proxy, timeoutMs }: Tunnel): Promise<void> {
  const target = `${url.hostname}:${portOf(url)}`;
  const { authorization } = proxy;
  const headers = {
    host: target,
    ...(authorization === null ? {} : { 'proxy-authorization': authorization }),
  };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const detail = `the proxy opened no tunnel within ${timeoutMs / 1_000} s`;
      reject(new FetchFailure('timeout', detail));
    }, timeoutMs);
    const request = http.request({
      method: 'CONNECT',
      path: target,
      headers,
      createConnection: () => socket,
    });
    const finish = (failure: FetchFailure | null): void => {
      clearTimeout(timer);
      if (failure === null) resolve();
      else reject(failure);
    };
    request.once('connect', ({ statusCode = 0 }, _socket, head) => {
      // In TLS the client speaks first, so no byte of the host may follow the proxy's answer.
      const isOpen = statusCode >= 200 && statusCode < 300;
      if (head.length > 0 && isOpen) socket.unshift(head);
      finish(isOpen ? null : refusal(statusCode, proxy));
    });
    request.on('error', (error) => {
      // Some proxies close the connection when they cannot reach a host. A proxy that is down
      // refuses the next connection.
      finish(new FetchFailure('connect', `the proxy closed the connection: ${reasonOf(error)}`));
    });
    request.end();
  });
}

/** The failure for a refusal. A proxy answers 502, 503 or 504 when it cannot reach the host. */
function refusal(status: number, proxy: Proxy): FetchFailure {
  if (status === PROXY_AUTHENTICATION) return authenticationFailure(proxy);
  return new FetchFailure('connect', `the proxy opened no tunnel to the host (status ${status})`);
}
