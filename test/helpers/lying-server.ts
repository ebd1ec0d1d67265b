/** A raw TCP server that answers with exactly the bytes it is told to: nothing between a test and the wire. */
import net from 'node:net';
import type { AddressInfo } from 'node:net';

/** Answers one request; the socket is the handler's to end. */
export type Answer = (socket: net.Socket, request: Request) => void;

export interface Request {
  readonly path: string;
  /** Request line and headers as they came. */
  readonly head: string;
  /** How often this path was asked for before. */
  readonly before: number;
}

export interface LyingServer {
  readonly port: number;
  readonly requests: Request[];
  readonly connections: { open: number; most: number };
  answer(path: string, answer: Answer): void;
  close(): Promise<void>;
}

export async function startLyingServer(): Promise<LyingServer> {
  const answers = new Map<string, Answer>();
  const requests: Request[] = [];
  const sockets = new Set<net.Socket>();
  const connections = { open: 0, most: 0 };
  const server = net.createServer((socket) => {
    sockets.add(socket);
    connections.open += 1;
    connections.most = Math.max(connections.most, connections.open);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      connections.open -= 1;
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        const path = head.split(' ')[1] ?? '';
        const before = requests.filter((request) => request.path === path).length;
        const request = { path, head, before };
        requests.push(request);
        (answers.get(path) ?? reply('404 Not Found'))(socket, request);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
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

/** A whole, honest answer. */
export function reply(
  status: string,
  headers: Readonly<Record<string, string>> = {},
  body: Buffer = Buffer.alloc(0),
): Answer {
  return raw(head(status, { 'content-length': String(body.length), ...headers }), body);
}

/** Just these bytes; the connection stays open. */
export function raw(...parts: readonly (string | Buffer)[]): Answer {
  return (socket) => {
    for (const part of parts) socket.write(part);
  };
}

/** These bytes, then the end of the connection. */
export function rawThenClose(...parts: readonly (string | Buffer)[]): Answer {
  return (socket) => {
    for (const part of parts) socket.write(part);
    socket.end();
  };
}

export function head(status: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}
