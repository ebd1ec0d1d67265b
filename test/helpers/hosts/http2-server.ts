/** A server on loopback that speaks only HTTP/2. */
import fs from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Pair } from '../cluster/certificates';

export interface Http2Server {
  readonly port: number;
  /** All connections that it has accepted. */
  readonly sessions: readonly http2.ServerHttp2Session[];
  close(): void;
}

/** `onStream` receives each request with its path. */
export async function startHttp2Server(
  { cert, key }: Pair,
  onStream: (stream: http2.ServerHttp2Stream, path: string) => void,
): Promise<Http2Server> {
  const server = http2.createSecureServer({
    ...{ cert: fs.readFileSync(cert), key: fs.readFileSync(key), ALPNProtocols: ['h2'] },
    settings: { maxConcurrentStreams: 1 },
  });
  const sessions: http2.ServerHttp2Session[] = [];
  server.on('session', (session) => sessions.push(session.on('error', () => undefined)));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    onStream(stream, String(headers[':path']));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sessions,
    close: () => {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}
