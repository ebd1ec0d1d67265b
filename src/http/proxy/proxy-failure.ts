/** Failures of requests that the proxy caused. They are no evidence about the host of the URL. */
import http from 'node:http';
import { FetchFailure, type Phase } from '../failures/fetch-failure';
import type { Proxy } from './choose-proxy';
import { connectToProxy } from './connect-to-proxy';

/** The status with which the proxy asks for a user name and a password. */
export const PROXY_AUTHENTICATION = 407;

/** A host for probing the proxy. No name server knows it, so a request for it reaches no host. */
const PROBED_HOST = 'artemis-pipeline.invalid';
const PROBE_LIMIT_MS = 3_000;

/** @param reason what the proxy did, without its URL, which may contain a password. */
export function proxyFailure(proxy: Proxy, reason: string): FetchFailure {
  return new FetchFailure('connect', reason, { probeProxy: () => probeProxy(proxy) });
}

export function authenticationFailure(proxy: Proxy): FetchFailure {
  const given = proxy.authorization === null ? 'a' : 'another';
  return proxyFailure(
    proxy,
    `the proxy asks for ${given} user name and password (407); ARTEMIS_PROXY can have them`,
  );
}

/** A proxy that accepts connections and answers nothing looks like a host that does. */
export function withProxyInDoubt(error: unknown, phase: Phase, proxy: Proxy | null): unknown {
  if (proxy === null || phase === 'body') return error;
  if (!(error instanceof FetchFailure) || error.code !== 'timeout') return error;
  const proxyInDoubt = (): Promise<boolean> => probeProxy(proxy);
  return new FetchFailure('timeout', error.message, { cause: error, proxyInDoubt });
}

/** @returns whether the proxy answers and does not refuse us. */
async function probeProxy(proxy: Proxy): Promise<boolean> {
  const signal = AbortSignal.timeout(PROBE_LIMIT_MS);
  try {
    const socket = await connectToProxy(proxy, { timeoutMs: PROBE_LIMIT_MS, signal });
    try {
      return (await statusOf(socket, proxy, signal)) !== PROXY_AUTHENTICATION;
    } finally {
      socket.destroy();
    }
  } catch {
    return false;
  }
}

function statusOf(
  socket: Awaited<ReturnType<typeof connectToProxy>>,
  { authorization }: Proxy,
  signal: AbortSignal,
): Promise<number> {
  const headers = {
    host: PROBED_HOST,
    ...(authorization === null ? {} : { 'proxy-authorization': authorization }),
  };
  return new Promise((resolve, reject) => {
    http
      .get(
        { path: `http://${PROBED_HOST}/`, headers, signal, createConnection: () => socket },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      )
      .on('error', reject);
  });
}
