/** Why no connection came about: gRPC only says that its time is up, so it is asked again, layer by layer. */
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import type { ConnectionSettings } from './configured-connection';

/** **Shape** `seen`: what is there instead of a server that we can use; `next`: what to do. */
export interface ConnectFailure {
  readonly seen: string;
  readonly next: string;
}

/** **Units** ms for each question. Together with the time of the connection itself an answer comes within 10 s. */
const QUESTION_MS = 1_500;

const ADDRESS = 'correct TEMPORAL_ADDRESS, or start the server';

/** Null when everything answers as it should: then the reason is not to be found here. */
export async function connectFailure(settings: ConnectionSettings): Promise<ConnectFailure | null> {
  const unreachable = await tryTcp(settings);
  if (unreachable !== null) return tcpWords(unreachable);
  const { tls: wanted, apiKey } = settings.options;
  const isSecure = (wanted ?? apiKey) != null && wanted !== false;
  const refused = await tryHttp2(settings, isSecure);
  if (refused === null) return null;
  if (isSecure) return tlsWords(refused, settings);
  // Spoken to without TLS, a server with TLS just closes.
  const secure = await tryHttp2(settings, true);
  return secure === null || isOfTls(secure)
    ? {
        seen: 'it speaks TLS, and TLS is not switched on',
        next: "set TEMPORAL_TLS=true, or the profile's tls",
      }
    : silent(refused);
}

function tryTcp({ address }: ConnectionSettings): Promise<NodeJS.ErrnoException | null> {
  const { hostname, port } = endpoint(address);
  return new Promise((resolve) => {
    const socket = net.connect({ host: hostname, port });
    const settle = (error: NodeJS.ErrnoException | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(error);
    };
    const timer = setTimeout(settle, QUESTION_MS, timeUp());
    socket.once('connect', () => {
      settle(null);
    });
    socket.once('error', settle);
  });
}

/** Null when the other side begins to speak HTTP/2. A TLS 1.3 server judges our certificate only after the handshake. */
function tryHttp2(
  { address, options }: ConnectionSettings,
  isSecure: boolean,
): Promise<NodeJS.ErrnoException | null> {
  const { hostname: host, port } = endpoint(address);
  const socket = isSecure
    ? tls.connect({ host, port, ALPNProtocols: ['h2'], ...secureOptions(options) })
    : net.connect({ host, port });
  return new Promise((resolve) => {
    const session = http2.connect(`http://${address}`, { createConnection: () => socket });
    const settle = (error: NodeJS.ErrnoException | null): void => {
      clearTimeout(timer);
      session.destroy();
      socket.destroy();
      resolve(error);
    };
    const timer = setTimeout(settle, QUESTION_MS, timeUp());
    session.once('remoteSettings', () => {
      settle(null);
    });
    // An alert of TLS reaches the socket only.
    for (const either of [socket, session]) {
      either.on('error', settle);
      either.once('close', () => {
        settle(withCode('ECONNRESET', 'it closed the connection'));
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

/** Temporal's default port, as its SDK has it. */
function endpoint(address: string): { readonly hostname: string; readonly port: number } {
  const text = /:\d+$/.test(address) ? address : `${address}:7233`;
  const at = text.lastIndexOf(':');
  return { hostname: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}

function tcpWords({ code, message }: NodeJS.ErrnoException): ConnectFailure {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { seen: 'DNS does not know that name', next: ADDRESS };
    case 'ECONNREFUSED':
      return { seen: 'nobody listens there', next: ADDRESS };
    case 'ETIMEDOUT':
      return {
        seen: 'nothing comes back from there',
        next: `${ADDRESS}; perhaps a firewall is between`,
      };
    default:
      return { seen: message, next: ADDRESS };
  }
}

/** **Source** codes of Node's `tls` (X509 errors), and of OpenSSL's alerts. */
function tlsWords(error: NodeJS.ErrnoException, { options }: ConnectionSettings): ConnectFailure {
  const code = error.code ?? '';
  if (NOT_TLS.test(code) || NOT_TLS.test(error.message))
    return {
      seen: 'it does not speak TLS',
      next: 'unset TEMPORAL_TLS* or correct the port; an API key switches TLS on, TEMPORAL_TLS=false off',
    };
  const certificate = CERTIFICATES.find(([codes]) => codes.test(code));
  if (certificate !== undefined) return certificate[1];
  return isOfTls(error) || code === 'ECONNRESET' ? clientWords(error, options) : silent(error);
}

/** The server ended the handshake, or the connection right behind it. */
function clientWords(
  { code, message }: NodeJS.ErrnoException,
  { tls: wanted }: ConnectionSettings['options'],
): ConnectFailure {
  const hasCertificate = typeof wanted === 'object' && wanted?.clientCertPair != null;
  const next = 'set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH to a pair';
  if (!hasCertificate)
    return { seen: 'it wants a client certificate, and none is set', next: `${next} it accepts` };
  const alert = /alert ([a-z ]+)/.exec(message)?.[1];
  return {
    seen: `it refuses the client certificate (${alert ?? code ?? message})`,
    next: `${next} of its CA that has not expired`,
  };
}

function silent({ message }: NodeJS.ErrnoException): ConnectFailure {
  const [reason] = message.split('\n');
  return { seen: `it does not talk as a Temporal server does (${reason ?? ''})`, next: ADDRESS };
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

function isOfTls({ code = '' }: NodeJS.ErrnoException): boolean {
  if (NOT_TLS.test(code)) return false;
  return /^ERR_(SSL|TLS)_|^EPROTO$/.test(code) || CERTIFICATES.some(([codes]) => codes.test(code));
}

function timeUp(): NodeJS.ErrnoException {
  return withCode('ETIMEDOUT', 'no answer in time');
}

function withCode(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
