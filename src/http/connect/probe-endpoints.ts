/**
 * Opens connections to addresses that answered before, without sending anything, to find out
 * whether the network works.
 */
import net from 'node:net';
import { hostKey } from '../../contract/plan-entry';
import { bareHost, portOf } from '../host-and-port';

/** An address that answered an HTTP request. */
export interface Endpoint {
  /** The host key, as budgets name it. */
  readonly host: string;
  /** False if the host is an address. */
  readonly isName: boolean;
  readonly address: string;
  readonly port: number;
}

export function endpointOf(url: URL, address: string): Endpoint {
  const isName = net.isIP(bareHost(url)) === 0;
  return { host: hostKey(url), isName, address, port: portOf(url) };
}

/**
 * `reached`: the address accepted or refused the connection. `no route`: the local system reported
 * that it has no route.
 */
export type ProbeResult = 'reached' | 'silent' | 'no route';

/**
 * @returns the results so far as soon as one endpoint is reached, otherwise the results of all
 * endpoints.
 */
export function probeEndpoints(
  endpoints: readonly Endpoint[],
  limitMs: number,
): Promise<readonly ProbeResult[]> {
  return new Promise((resolve) => {
    const results: ProbeResult[] = [];
    for (const endpoint of endpoints)
      void probeEndpoint(endpoint, limitMs).then((result) => {
        results.push(result);
        if (result === 'reached' || results.length === endpoints.length) resolve(results);
      });
  });
}

const NO_ROUTE: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
]);

function probeEndpoint({ address, port }: Endpoint, limitMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port });
    const finish = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => {
      finish('silent');
    }, limitMs);
    socket.once('connect', () => {
      finish('reached');
    });
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      finish(resultOfError(code));
    });
  });
}

function resultOfError(code: string): ProbeResult {
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return 'reached';
  return NO_ROUTE.has(code) ? 'no route' : 'silent';
}
