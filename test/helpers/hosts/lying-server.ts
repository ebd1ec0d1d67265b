/**
 * A raw TCP server that sends exactly the given bytes, so that nothing is between a test and the
 * wire.
 */
import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import type { AddressInfo } from 'node:net';
import type { Pair } from '../cluster/certificates';

/** Answers one request. The handler must end the socket itself. */
export type Answer = (socket: net.Socket, request: Request) => void;

export interface Request {
  readonly path: string;
  /** The request line and headers as they arrived. */
  readonly head: string;
  /** The number of earlier requests for this path. */
  readonly before: number;
  /** The number of earlier requests over the same connection. */
  readonly onConnection: number;
}

export interface LyingServer {
  readonly port: number;
  readonly requests: Request[];
  readonly connections: { open: number; most: number; all: number };
  answer(path: string, answer: Answer): void;
  close(): Promise<void>;
}

export interface ServerOptions {
  /** An address of loopback. */
  readonly listen?: string;
  /** The certificate for TLS. */
  readonly certificate?: Pair;
  /** Further options for TLS. */
  readonly tls?: tls.TlsOptions;
  /**
   * True for a server that accepts connections and never sends anything, not even in the handshake.
   */
  readonly isMute?: boolean;
  /** Answers the first bytes of any connection, also of a handshake, with these and closes it. */
  readonly onlyAnswer?: 'reset' | Buffer;
  /** Any further connection is reset. */
  readonly mostConnections?: number;
}

export async function startLyingServer(options: ServerOptions = {}): Promise<LyingServer> {
  const answers = new Map<string, Answer>();
  const requests: Request[] = [];
  const sockets = new Set<net.Socket>();
  const connections = { open: 0, most: 0, all: 0 };
  const listen = (socket: net.Socket): void => {
    socket.on('error', () => undefined);
    let text = '';
    let onConnection = 0;
    socket.on('data', (chunk) => {
      // These bytes begin a TLS handshake. The answer is that of a server without TLS.
      if (chunk[0] === 0x16) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        const path = head.split(' ')[1] ?? '';
        const before = requests.filter((request) => request.path === path).length;
        const request = { path, head, before, onConnection };
        onConnection += 1;
        requests.push(request);
        const answer = answers.get(path) ?? answers.get(path.replace(/\?.*/, ''));
        (answer ?? reply('404 Not Found'))(socket, request);
      }
    });
  };
  const server = createServer(options, listen);
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    connections.all += 1;
    connections.open += 1;
    if (connections.open > (options.mostConnections ?? Infinity)) {
      connections.open -= 1;
      socket.resetAndDestroy();
      return;
    }
    connections.most = Math.max(connections.most, connections.open);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      connections.open -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, options.listen ?? '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections,
    answer: (path, answer) => answers.set(path, answer),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createServer(
  { certificate, isMute, onlyAnswer, tls: more }: ServerOptions,
  listen: (socket: net.Socket) => void,
): net.Server {
  if (isMute === true) return net.createServer();
  if (onlyAnswer !== undefined)
    return net.createServer((socket) => {
      socket.once('data', () => {
        if (onlyAnswer === 'reset') socket.resetAndDestroy();
        else socket.end(onlyAnswer);
      });
    });
  if (certificate === undefined) return net.createServer(listen);
  const [cert, key] = [certificate.cert, certificate.key].map((file) => fs.readFileSync(file));
  const server = tls.createServer({ ...more, cert, key }, listen);
  // A client that refuses the certificate hangs up.
  server.on('tlsClientError', () => undefined);
  return server;
}

/** A complete answer without faults. */
export function reply(
  status: string,
  headers: Readonly<Record<string, string>> = {},
  body: Buffer = Buffer.alloc(0),
): Answer {
  return raw(head(status, { 'content-length': String(body.length), ...headers }), body);
}

/** Sends only these bytes. The connection stays open. */
export function raw(...parts: readonly (string | Buffer)[]): Answer {
  return (socket) => {
    for (const part of parts) socket.write(part);
  };
}

/** Sends these bytes, and then closes the connection. */
export function rawThenClose(...parts: readonly (string | Buffer)[]): Answer {
  return (socket) => {
    for (const part of parts) socket.write(part);
    socket.end();
  };
}

/** Sends these bytes, and resets the connection after they have had time to arrive. */
export function rawThenReset(...parts: readonly (string | Buffer)[]): Answer {
  return (socket) => {
    for (const part of parts) socket.write(part);
    setTimeout(() => {
      // Behind TLS, the raw socket can be reset.
      socket.resetAndDestroy();
    }, 50);
  };
}

export function head(status: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}
