/**
 * A gateway before a cluster, with TLS, client certificates, API keys and permissions. It speaks
 * real HTTP/2 and gRPC, and forwards to a real server.
 */
import fs from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Authority, Pair } from './certificates';

export interface GatewayOptions {
  /** `host:port` of the server behind the gateway. */
  readonly target: string;
  readonly certificate: Pair;
  /** The authority whose certificates clients must have. */
  readonly clients?: Authority;
  /** The key that clients must send as `authorization: Bearer …`. */
  readonly apiKey?: string;
  /** Ends of the names of methods that no client may call. */
  readonly denied?: readonly string[];
}

export interface Gateway {
  readonly port: number;
  /** The number of calls that the server answered, by method. */
  readonly passed: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/**
 * A gRPC status code.
 *
 * @see google.rpc.Code
 */
const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const passed = new Map<string, number>();
  let behind = connectTo(options.target);
  const server = http2.createSecureServer({
    cert: fs.readFileSync(options.certificate.cert),
    key: fs.readFileSync(options.certificate.key),
    ...(options.clients === undefined
      ? {}
      : { ca: fs.readFileSync(options.clients.cert), requestCert: true, rejectUnauthorized: true }),
  });
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, headers) => {
    const method = headers[':path'] ?? '';
    stream.on('error', () => undefined);
    const refusal = refusalOf(options, headers);
    if (refusal !== null) {
      answer(stream, refusal.status, refusal.message);
      return;
    }
    passed.set(method, (passed.get(method) ?? 0) + 1);
    // A Temporal server closes each connection after five minutes (GOAWAY).
    if (behind.closed || behind.destroyed) behind = connectTo(options.target);
    forward(stream, headers, behind);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    passed,
    close: async () => {
      for (const session of sessions) session.destroy();
      behind.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function connectTo(target: string): http2.ClientHttp2Session {
  const session = http2.connect(`http://${target}`);
  session.on('error', () => undefined);
  return session;
}

function refusalOf(
  { apiKey, denied = [] }: GatewayOptions,
  headers: http2.IncomingHttpHeaders,
): { readonly status: number; readonly message: string } | null {
  if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`)
    return { status: UNAUTHENTICATED, message: 'Request unauthenticated.' };
  const isDenied = denied.some((method) => headers[':path']?.endsWith(method) === true);
  return isDenied ? { status: PERMISSION_DENIED, message: 'Request unauthorized.' } : null;
}

/**
 * Answers without forwarding the call.
 *
 * @see gRPC over HTTP/2, "Trailers-Only"
 */
function answer(stream: http2.ServerHttp2Stream, status: number, message: string): void {
  if (stream.destroyed) return;
  const head = { ':status': 200, 'content-type': 'application/grpc' };
  stream.respond(
    { ...head, 'grpc-status': String(status), 'grpc-message': message },
    { endStream: true },
  );
}

function forward(
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  behind: http2.ClientHttp2Session,
): void {
  const request = behind.request({ ...headers, ':authority': undefined, ':scheme': 'http' });
  stream.pipe(request);
  stream.once('close', () => {
    request.close(http2.constants.NGHTTP2_CANCEL);
  });
  request.on('error', () => {
    if (!stream.headersSent) answer(stream, UNAVAILABLE, 'the server behind is away');
  });
  request.once('response', (head, flags) => {
    if (stream.destroyed) return;
    if ((flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.respond(head, { endStream: true });
      return;
    }
    let trailers: http2.OutgoingHttpHeaders = {};
    request.once('trailers', (last: http2.IncomingHttpHeaders) => {
      trailers = last;
    });
    stream.respond(head, { waitForTrailers: true });
    stream.once('wantTrailers', () => {
      stream.sendTrailers(trailers);
    });
    request.pipe(stream);
  });
}
