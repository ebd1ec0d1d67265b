/**
 * Finds out why no connection could be made. gRPC reports only that the time limit has passed, so
 * the server is probed again, layer by layer.
 */
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import type { ConnectionSettings } from './configured-connection';

/** `seen` is what was found instead of a usable server, and `next` is what to do. */
export interface ConnectFailure {
  readonly seen: string;
  readonly next: string;
}

/**
 * The time for each probe, in milliseconds. Together with the time of the connection itself, an
 * answer comes within 10 s.
 */
const PROBE_MS = 1_500;

export const CORRECT_ADDRESS = 'correct TEMPORAL_ADDRESS, or start the server';

/** Returns null when every layer answers as it should, because then the reason is elsewhere. */
export async function connectFailure(settings: ConnectionSettings): Promise<ConnectFailure | null> {
  const unreachable = await tryTcp(settings);
  if (unreachable !== null) return tcpFailure(unreachable);
  const { tls: wanted, apiKey } = settings.options;
  const isSecure = (wanted ?? apiKey) != null && wanted !== false;
  const refused = await tryHttp2(settings, { isSecure });
  if (refused === null) return null;
  if (isSecure) return tlsFailure(refused, settings);
  // A server with TLS closes a connection without TLS and sends nothing.
  const secure = await tryHttp2(settings, { isSecure: true });
  return secure === null || isTlsError(secure)
    ? {
        seen: 'it speaks TLS, and TLS is not switched on',
        next: "set TEMPORAL_TLS=true, or the profile's tls",
      }
    : noTemporalFailure(refused);
}

function tryTcp({ address }: ConnectionSettings): Promise<NodeJS.ErrnoException | null> {
  const { hostname, port } = endpoint(address);
  return new Promise((resolve) => {
    const socket = net.connect({ host: hostname, port });
    const finish = (error: NodeJS.ErrnoException | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(error);
    };
    const timer = setTimeout(finish, PROBE_MS, timeUp());
    socket.once('connect', () => {
      finish(null);
    });
    socket.once('error', finish);
  });
}

/**
 * Returns null when the other side starts to speak HTTP/2. A TLS 1.3 server checks our certificate
 * only after the handshake.
 */
function tryHttp2(
  { address, options }: ConnectionSettings,
  { isSecure }: { readonly isSecure: boolean },
): Promise<NodeJS.ErrnoException | null> {
  const { hostname: host, port } = endpoint(address);
  const socket = isSecure
    ? tls.connect({ host, port, ALPNProtocols: ['h2'], ...secureOptions(options) })
    : net.connect({ host, port });
  return new Promise((resolve) => {
    const session = http2.connect(`http://${address}`, { createConnection: () => socket });
    const finish = (error: NodeJS.ErrnoException | null): void => {
      clearTimeout(timer);
      session.destroy();
      socket.destroy();
      resolve(error);
    };
    const timer = setTimeout(finish, PROBE_MS, timeUp());
    session.once('remoteSettings', () => {
      finish(null);
    });
    // A TLS alert reaches the socket and not the session.
    for (const either of [socket, session]) {
      either.on('error', finish);
      either.once('close', () => {
        finish(withCode('ECONNRESET', 'it closed the connection'));
      });
    }
  });
}

function secureOptions({ tls: wanted }: ConnectionSettings['options']): tls.ConnectionOptions {
  if (typeof wanted !== 'object' || wanted === null) return {};
  const { serverRootCACertificate: ca, clientCertPair: pair, serverNameOverride } = wanted;
  return {
    ...(ca == null ? {} : { ca: Buffer.from(ca) }),
    ...(pair == null ? {} : { cert: Buffer.from(pair.crt), key: Buffer.from(pair.key) }),
    ...(serverNameOverride == null ? {} : { servername: serverNameOverride }),
  };
}

/** The address with Temporal's default port, as in its SDK. */
function endpoint(address: string): { readonly hostname: string; readonly port: number } {
  const text = /:\d+$/.test(address) ? address : `${address}:7233`;
  const at = text.lastIndexOf(':');
  return { hostname: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}

function tcpFailure({ code, message }: NodeJS.ErrnoException): ConnectFailure {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { seen: 'DNS does not know that name', next: CORRECT_ADDRESS };
    case 'ECONNREFUSED':
      return { seen: 'no process listens there', next: CORRECT_ADDRESS };
    case 'ETIMEDOUT':
      return {
        seen: 'nothing comes back from there',
        next: `${CORRECT_ADDRESS}; perhaps a firewall blocks the way`,
      };
    default:
      return { seen: message, next: CORRECT_ADDRESS };
  }
}

/** @see the codes of Node's `tls` (X509 errors) and of OpenSSL's alerts. */
function tlsFailure(error: NodeJS.ErrnoException, { options }: ConnectionSettings): ConnectFailure {
  const code = error.code ?? '';
  if (NOT_TLS.test(code) || NOT_TLS.test(error.message))
    return {
      seen: 'it does not speak TLS',
      next: 'unset TEMPORAL_TLS* or correct the port; an API key switches TLS on, TEMPORAL_TLS=false off',
    };
  const certificate = CERTIFICATES.find(([codes]) => codes.test(code));
  if (certificate !== undefined) return certificate[1];
  return isTlsError(error) || code === 'ECONNRESET'
    ? clientCertificateFailure(error, options)
    : noTemporalFailure(error);
}

/** The server ended the handshake, or the connection right after it. */
function clientCertificateFailure(
  { code, message }: NodeJS.ErrnoException,
  { tls: wanted }: ConnectionSettings['options'],
): ConnectFailure {
  const hasCertificate = typeof wanted === 'object' && wanted?.clientCertPair != null;
  const next = 'set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH to a pair';
  if (!hasCertificate)
    return {
      seen: 'it requires a client certificate, and none is set',
      next: `${next} it accepts`,
    };
  const alert = /alert ([a-z ]+)/.exec(message)?.[1];
  return {
    seen: `it refuses the client certificate (${alert ?? code ?? message})`,
    next: `${next} of its CA that has not expired`,
  };
}

function noTemporalFailure({ message }: NodeJS.ErrnoException): ConnectFailure {
  const [reason] = message.split('\n');
  return {
    seen: `it does not talk as a Temporal server does (${reason ?? ''})`,
    next: CORRECT_ADDRESS,
  };
}

const NOT_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|wrong version number|packet length/;

const CA = "set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the certificate of the server's CA";

const CERTIFICATES: readonly (readonly [RegExp, ConnectFailure])[] = [
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|SIGNATURE_FAILURE/,
    { seen: 'its certificate is of a CA that is not trusted here', next: CA },
  ],
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    {
      seen: 'its certificate has expired, or is not valid yet',
      next: "renew the server's certificate, or correct this machine's clock",
    },
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    {
      seen: 'its certificate is for another name',
      next: 'correct TEMPORAL_ADDRESS, or set TEMPORAL_TLS_SERVER_NAME to a name in the certificate',
    },
  ],
];

function isTlsError({ code = '' }: NodeJS.ErrnoException): boolean {
  if (NOT_TLS.test(code)) return false;
  return /^ERR_(SSL|TLS)_|^EPROTO$/.test(code) || CERTIFICATES.some(([codes]) => codes.test(code));
}

function timeUp(): NodeJS.ErrnoException {
  return withCode('ETIMEDOUT', 'no answer in time');
}

function withCode(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
