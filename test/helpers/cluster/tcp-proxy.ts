/**
 * A network that fails, in front of a real server: a TCP proxy on loopback whose faults are
 * switched on and off.
 */
import { once } from 'node:events';
import net from 'node:net';

/**
 * - `refuse`: nothing listens any more, and every connection is ended by RST.
 * - `drop`: every connection is ended by FIN, and new ones at once.
 * - `reset`: the same with RST.
 * - `delay`: every byte arrives 2 s late.
 * - `swallow`: nothing passes. Bytes that were sent then are never sent again, so such connections
 *   are reset in the end.
 * - `forget`: nothing passes, and connections that sent something then stay open and silent for
 *   ever, as behind a router that has forgotten them.
 */
export type NetworkFault = 'none' | 'refuse' | 'drop' | 'reset' | 'delay' | 'swallow' | 'forget';

/** In milliseconds. */
const DELAY_MS = 2_000;

export class TcpProxy {
  /** The number of times that each fault affected a connection or bytes of one. */
  readonly met: Record<NetworkFault, number> = {
    ...{ none: 0, refuse: 0, drop: 0, reset: 0, delay: 0, swallow: 0, forget: 0 },
  };
  private fault: NetworkFault = 'none';
  private readonly port: number;
  private readonly links = new Set<Link>();

  private constructor(
    private readonly server: net.Server,
    private readonly target: string,
  ) {
    this.port = (server.address() as net.AddressInfo).port;
  }

  /** Starts a proxy in front of `target`, which is host and port. */
  static async start(target: string): Promise<TcpProxy> {
    const server = net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(server, target);
    server.on('connection', (client) => {
      proxy.accept(client);
    });
    return proxy;
  }

  /** Host and port of the proxy. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  set(fault: NetworkFault): void {
    const before = this.fault;
    this.fault = fault;
    if (fault === 'refuse' && this.server.listening) this.server.close();
    if (fault !== 'refuse' && !this.server.listening) this.server.listen(this.port, '127.0.0.1');
    for (const link of this.links) {
      if (isCut(fault)) this.cut(link);
      else if (before === 'swallow' && link.isDeaf) link.end('reset');
    }
  }

  async stop(): Promise<void> {
    for (const link of this.links) link.end('reset');
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private accept(client: net.Socket): void {
    const link: Link = new Link(client, this.target, () => this.meet(link));
    this.links.add(link);
    client.on('close', () => this.links.delete(link));
    this.cut(link);
  }

  private cut(link: Link): void {
    if (!isCut(this.fault)) return;
    this.met[this.fault] += 1;
    link.end(this.fault === 'drop' ? 'drop' : 'reset');
  }

  /**
   * Called when bytes have arrived.
   *
   * @returns the time in milliseconds for which they are held back.
   */
  private meet(link: Link): number {
    this.met[this.fault] += 1;
    if (this.fault === 'swallow' || this.fault === 'forget') link.isDeaf = true;
    return this.fault === 'delay' ? DELAY_MS : 0;
  }
}

function isCut(fault: NetworkFault): fault is 'refuse' | 'drop' | 'reset' {
  return fault === 'refuse' || fault === 'drop' || fault === 'reset';
}

/** A client and the server that it is connected to. */
class Link {
  /** True when nothing passes any more. */
  isDeaf = false;
  private readonly upstream: net.Socket;

  constructor(
    private readonly client: net.Socket,
    target: string,
    onBytes: () => number,
  ) {
    const [host, port] = target.split(':');
    this.upstream = net.connect(Number(port), host);
    this.pump(client, this.upstream, onBytes);
    this.pump(this.upstream, client, onBytes);
  }

  end(how: 'drop' | 'reset'): void {
    if (how === 'drop') this.client.end();
    else this.client.resetAndDestroy();
    this.upstream.destroy();
  }

  /** Forwards one direction. The bytes keep their order when faults are switched on and off. */
  private pump(from: net.Socket, to: net.Socket, onBytes: () => number): void {
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
      const now = performance.now();
      dueAt = Math.max(dueAt, now + onBytes());
      if (this.isDeaf) return;
      held.push({ dueAt, bytes });
      if (dueAt > now) setTimeout(flush, dueAt - now + 1);
      else flush();
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}
