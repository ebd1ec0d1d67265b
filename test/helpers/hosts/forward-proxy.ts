/**
 * A small HTTP proxy that works like Squid with its defaults: absolute-form requests for http, and
 * CONNECT only for https.
 */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

export interface ForwardProxyOptions {
  /** `user:password`. Requests with other credentials get 407. */
  readonly credentials?: string;
  /** The port on loopback that stands for a host and its port. */
  readonly portOf: (host: string, port: number) => number;
}

export class ForwardProxy {
  /** Method and target of every request that was accepted, in order. */
  readonly passed: string[] = [];
  /** Method and target of every request that was refused, in order. */
  readonly refused: string[] = [];
  private readonly sockets = new Set<net.Socket>();
  private server: http.Server | null = null;
  port = 0;
  private credentials: string | undefined;
  private isHanging = false;

  private constructor(private readonly options: ForwardProxyOptions) {
    this.credentials = options.credentials;
  }

  static async start(options: ForwardProxyOptions): Promise<ForwardProxy> {
    const proxy = new ForwardProxy(options);
    await proxy.listen();
    return proxy;
  }

  /** Stops the proxy, and closes all connections. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Starts the proxy, again at the same port. */
  async listen(): Promise<void> {
    const server = http.createServer((request, response) => {
      this.forward(request, response);
    });
    server.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      this.tunnel(request, socket);
    });
    server.on('connection', (socket: net.Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Requires these credentials from now on. */
  expect(credentials: string): Promise<void> {
    this.credentials = credentials;
    return Promise.resolve();
  }

  /** Accepts connections and requests, and answers none, until it works again. */
  hang(isHanging: boolean): Promise<void> {
    this.isHanging = isHanging;
    // Clients wait for requests that it never answered, so their connections end.
    if (!isHanging) for (const socket of this.sockets) socket.destroy();
    return Promise.resolve();
  }

  private isAllowed({ method, url, headers }: http.IncomingMessage): boolean {
    const wanted = `Basic ${Buffer.from(this.credentials ?? '').toString('base64')}`;
    const isAllowed = this.credentials === undefined || headers['proxy-authorization'] === wanted;
    (isAllowed ? this.passed : this.refused).push(`${method ?? ''} ${url ?? ''}`);
    return isAllowed;
  }

  private forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (this.isHanging) return;
    if (!this.isAllowed(request)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="x"' }).end('no');
      return;
    }
    const { hostname, port, pathname, search } = new URL(request.url ?? '');
    const target = this.options.portOf(hostname, Number(port) || 80);
    const { 'proxy-authorization': _own, ...headers } = request.headers;
    http
      .get({ port: target, path: pathname + search, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      })
      .on('error', () => {
        if (response.headersSent) response.destroy();
        else response.writeHead(503).end();
      });
  }

  private tunnel(request: http.IncomingMessage, socket: net.Socket): void {
    if (this.isHanging) return;
    const [host = '', port = ''] = (request.url ?? '').split(':');
    if (!this.isAllowed(request)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    // Squid denies CONNECT to port 80 by default.
    if (port === '80') {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const target = net.connect(this.options.portOf(host, Number(port)), '127.0.0.1');
    target.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    target.on('error', () => socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n'));
    socket.on('close', () => target.destroy());
  }
}
