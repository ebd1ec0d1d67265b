/** Opens connections through a proxy: to the proxy itself for http, a tunnel to the host for https. */
import http from 'node:http';
import type net from 'node:net';
import { FetchFailure } from '../failures/fetch-failure';
import { isTlsCode } from '../failures/tls-failure';
import type { Proxy } from './choose-proxy';
import { connectToProxy, type ConnectLimits } from './connect-to-proxy';
import { isOwnFailure } from '../connect/dial';
import { authenticationFailure, proxyFailure, PROXY_AUTHENTICATION } from './proxy-failure';

/**
 * The proxy resolves the host's name and connects to it, so that its addresses cannot be checked
 * here.
 *
 * @throws FetchFailure, with `probeProxy` where the proxy is the reason; the signal's reason.
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

/** The code of the error; for TLS to the proxy, and without a code, its message. */
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
  const target = `${url.hostname}:${url.port === '' ? '443' : url.port}`;
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
      // The host of TLS speaks second, so nothing may follow the answer.
      if (head.length > 0 && statusCode === 200) socket.unshift(head);
      finish(statusCode === 200 ? null : refusal(statusCode, proxy));
    });
    request.on('error', (error) => {
      // Some proxies answer so for a host that they do not reach. One that is down refuses the next
      // connection.
      finish(new FetchFailure('connect', `the proxy closed the connection: ${reasonOf(error)}`));
    });
    request.end();
  });
}

/** A proxy answers 502, 503 or 504 for a host that it does not reach. */
function refusal(status: number, proxy: Proxy): FetchFailure {
  if (status === PROXY_AUTHENTICATION) return authenticationFailure(proxy);
  return new FetchFailure('connect', `the proxy opened no tunnel to the host (status ${status})`);
}
