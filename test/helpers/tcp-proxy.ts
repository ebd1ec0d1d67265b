/** A network that breaks, in front of a real server: a TCP proxy on loopback whose faults are switched on and off. */
import { once } from 'node:events';
import net from 'node:net';

/**
 * `refuse`: nothing listens any more, and every connection is ended by RST. `drop`: every connection is ended (FIN), and new ones at once. `reset`: likewise, by RST. `delay`: every byte comes 2 s late.
 * `swallow`: nothing comes through; what was sent then is never sent again, so such connections are reset in the end.
 * `forget`: likewise, and the connections that sent something then stay open and silent for good, as behind a router that has
 * forgotten them.
 */
export type NetworkFault = 'none' | 'refuse' | 'drop' | 'reset' | 'delay' | 'swallow' | 'forget';

/** **Units** ms. */
const DELAY_MS = 2_000;

export class TcpProxy {
  /** How often each fault met a connection, or bytes of one. */
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

  /** In front of `target`, host and port. */
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

  /** Host and port. */
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

  /** Bytes have come; for how long they are held. **Units** ms. */
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
  /** Nothing comes through any more. */
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

  /** One direction; bytes keep their order, whatever faults come and go. */
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
