/** Opens connections to addresses that answered before, and sends nothing: it shows whether the network works. */
import net from 'node:net';
import { hostKey } from '../../contract/plan-entry';

/** An address that answered an HTTP request. **Shape** `host` as budgets name it; `isName` false: it is an address itself. */
export interface Endpoint {
  readonly host: string;
  readonly isName: boolean;
  readonly address: string;
  readonly port: number;
}

export function endpointOf(url: URL, address: string): Endpoint {
  const standard = url.protocol === 'https:' ? 443 : 80;
  const isName = net.isIP(url.hostname.replace(/^\[(.*)\]$/, '$1')) === 0;
  const port = url.port === '' ? standard : Number(url.port);
  return { host: hostKey(url), isName, address, port };
}

/** `reached`: it accepted or refused. `no route`: this machine's system says so. */
export type ProbeResult = 'reached' | 'silent' | 'no route';

/** @returns the results so far when the first endpoint is reached, otherwise those of all. **Units** ms. */
export function probeEndpoints(
  endpoints: readonly Endpoint[],
  limitMs: number,
): Promise<readonly ProbeResult[]> {
  return new Promise((resolve) => {
    const results: ProbeResult[] = [];
    for (const endpoint of endpoints)
      void probe(endpoint, limitMs).then((result) => {
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

function probe({ address, port }: Endpoint, limitMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port });
    const end = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => {
      end('silent');
    }, limitMs);
    socket.once('connect', () => {
      end('reached');
    });
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      end(resultOf(code));
    });
  });
}

function resultOf(code: string): ProbeResult {
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return 'reached';
  return NO_ROUTE.has(code) ? 'no route' : 'silent';
}
