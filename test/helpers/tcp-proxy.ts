/** A network that breaks, in front of a real server: a TCP proxy on loopback whose faults are switched on and off. */
import { once } from 'node:events';
import net from 'node:net';

/**
 * `drop`: every connection is ended (FIN), and new ones at once. `reset`: likewise, by RST. `delay`: every byte comes 2 s late.
 * `swallow`: connections stay open and nothing comes through, as behind a router that has forgotten them.
 */
export type NetworkFault = 'none' | 'drop' | 'reset' | 'delay' | 'swallow';

export interface TcpProxy {
  /** Host and port. */
  readonly address: string;
  /** How often each fault met a connection or bytes of one. */
  readonly met: Readonly<Record<NetworkFault, number>>;
  set(fault: NetworkFault): void;
  stop(): Promise<void>;
}

/** **Units** ms. */
const DELAY_MS = 2_000;

/** A client and the server that it is connected to. */
type Pair = readonly [net.Socket, net.Socket];

/** Forwards to `target`, host and port. What was swallowed never arrives: such a connection is ended with its fault. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  let fault: NetworkFault = 'none';
  const met = { none: 0, drop: 0, reset: 0, delay: 0, swallow: 0 };
  const pairs = new Set<Pair>();
  const holed = new Set<Pair>();
  const server = net.createServer((client) => {
    const pair = connect(
      client,
      target,
      () => fault,
      (pair) => {
        met[fault] += 1;
        if (fault === 'swallow') holed.add(pair);
      },
    );
    pairs.add(pair);
    const forget = (): void => {
      pairs.delete(pair);
      holed.delete(pair);
    };
    client.on('close', forget);
    if (fault === 'drop' || fault === 'reset') {
      met[fault] += 1;
      end(pair, fault);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    met,
    set: (next) => {
      for (const pair of holed) end(pair, 'reset');
      fault = next;
      if (next !== 'drop' && next !== 'reset') return;
      for (const pair of pairs) {
        met[next] += 1;
        end(pair, next);
      }
    },
    stop: async () => {
      for (const pair of pairs) end(pair, 'reset');
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

function connect(
  client: net.Socket,
  target: string,
  fault: () => NetworkFault,
  onBytes: (pair: Pair) => void,
): Pair {
  const [host, port] = target.split(':');
  const upstream = net.connect(Number(port), host);
  const pair: Pair = [client, upstream];
  pump(client, upstream, fault, () => {
    onBytes(pair);
  });
  pump(upstream, client, fault, () => {
    onBytes(pair);
  });
  return pair;
}

/** One direction; bytes keep their order, whatever faults come and go. */
function pump(
  from: net.Socket,
  to: net.Socket,
  fault: () => NetworkFault,
  onBytes: () => void,
): void {
  const held: { readonly dueAt: number; readonly bytes: Buffer }[] = [];
  let dueAt = 0;
  const flush = (): void => {
    for (let first = held[0]; first !== undefined; first = held[0]) {
      if (first.dueAt > performance.now()) return;
      held.shift();
      if (to.writable) to.write(first.bytes);
    }
  };
  from.on('data', (bytes: Buffer) => {
    onBytes();
    if (fault() === 'swallow') return;
    const now = performance.now();
    dueAt = Math.max(dueAt, fault() === 'delay' ? now + DELAY_MS : now);
    held.push({ dueAt, bytes });
    if (dueAt > now) setTimeout(flush, dueAt - now + 1);
    else flush();
  });
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}

function end([client, upstream]: Pair, how: 'drop' | 'reset'): void {
  if (how === 'drop') client.end();
  else client.resetAndDestroy();
  upstream.destroy();
}
