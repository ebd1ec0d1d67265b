/**
 * Sends one request over a connection of its own and receives the response with Node's parser in
 * its lenient mode, for hosts whose heads undici's strict one refuses. The connection closes after
 * the response, so nothing of it can be taken for part of another one.
 */
import http from 'node:http';
import type net from 'node:net';
import type { Deadline } from '../deadline';
import type { Exchange, ExchangeBody, RequestOptions } from '../exchange';
import { FetchFailure } from '../failures/fetch-failure';
import { describeParserError, MAX_HEADER_BYTES } from '../failures/protocol-failure';
import { MISSING_LENGTH, REPEATED_LENGTH, RewritingConnection } from './rewritten-heads';

/** The value of undici's `headersTimeout` and `bodyTimeout`. */
const SILENCE_MS = 30_000;

export interface LenientOrigin {
  /** With the port, where that is not the scheme's own. */
  readonly host: string;
  readonly connect: () => Promise<net.Socket>;
}

/**
 * Resolves when the status and headers have arrived.
 *
 * @param origin `connect` opens a connection to an address that was checked.
 * @throws FetchFailure `protocol`, `timeout`; the deadline's reason; errors of `connect` and Node.
 */
export async function exchangeLeniently(
  { host, connect }: LenientOrigin,
  { path, headers, opaque }: RequestOptions,
  deadline: Deadline,
): Promise<Exchange> {
  const socket = await unlessExpired(connect(), deadline);
  const request = http.request({
    path,
    headers: { host, ...headers, connection: 'close' },
    setHost: false,
    insecureHTTPParser: true,
    maxHeaderSize: MAX_HEADER_BYTES,
    createConnection: () => new RewritingConnection(socket),
  });
  const failure: FirstFailure = { error: null };
  let response: http.IncomingMessage | null = null;
  const stop = (reason: unknown): void => {
    const error = asError(reason);
    failure.error ??= error;
    (response ?? request).destroy(error);
  };
  socket.setTimeout(SILENCE_MS, () => {
    stop(new FetchFailure('timeout', `no byte came for ${SILENCE_MS / 1_000} s`));
  });
  deadline.onEnd(stop);
  opaque.sent(true);
  request.end();
  response = await responseOf(request, failure);
  try {
    checkHead(response);
  } catch (error) {
    stop(error);
    throw error;
  }
  const body = new LenientBody(response, failure);
  return { statusCode: response.statusCode ?? 0, headers: response.headers, body };
}

/** Node reports a fault of the body to the request, and a hang-up to the response after it. */
interface FirstFailure {
  error: Error | null;
}

/** A connection that is open too late is closed. */
async function unlessExpired(
  opening: Promise<net.Socket>,
  deadline: Deadline,
): Promise<net.Socket> {
  const expired = new Promise<never>((_resolve, reject) => {
    deadline.onEnd((reason) => {
      opening.then((socket) => socket.destroy()).catch(() => undefined);
      reject(asError(reason));
    });
  });
  return Promise.race([opening, expired]);
}

function responseOf(
  request: http.ClientRequest,
  failure: FirstFailure,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(unaskedStatus(101));
    });
    request.on('error', (error) => {
      failure.error ??= asProtocolFailure(error);
      reject(failure.error);
    });
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function unaskedStatus(status: number): FetchFailure {
  return new FetchFailure('protocol', `an answer with a status that nobody asked for (${status})`);
}

function asProtocolFailure(error: Error): Error {
  const detail = describeParserError(error);
  return detail === null ? error : new FetchFailure('protocol', detail, { cause: error });
}

/**
 * The lenient mode takes a Content-Length beside a Transfer-Encoding, which are two ends of one
 * body, and NUL in a value. Of several Content-Lengths it has used the first. Without the value of
 * the only one, the body ends with its connection.
 *
 * @throws FetchFailure `protocol`.
 * @see RFC 9112, section 6.3; RFC 9110, section 5.5.
 */
function checkHead({ rawHeaders, statusCode = 0 }: http.IncomingMessage): void {
  if (statusCode < 200) throw unaskedStatus(statusCode);
  const withNul = rawHeaders.findIndex((text) => text.includes('\0'));
  if (withNul !== -1)
    throw new FetchFailure(
      'protocol',
      `no valid HTTP: a NUL in the header ${rawHeaders[withNul - (withNul % 2)] ?? ''}`,
    );
  const valuesOf = (name: string): readonly string[] =>
    rawHeaders.filter(
      (_text, index) => index % 2 === 1 && rawHeaders[index - 1]?.trim().toLowerCase() === name,
    );
  const lengths = [...valuesOf('content-length'), ...valuesOf(REPEATED_LENGTH)]
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
  const missingLengths = valuesOf(MISSING_LENGTH);
  const hasLength = lengths.length + missingLengths.length > 0;
  if (hasLength && valuesOf('transfer-encoding').length > 0)
    throw new FetchFailure('protocol', 'the answer has a Content-Length and a Transfer-Encoding');
  if (missingLengths.length > 1)
    throw new FetchFailure('protocol', 'no valid HTTP: several Content-Lengths without a value');
  if (new Set([...lengths, ...missingLengths]).size > 1)
    throw new FetchFailure('protocol', 'the answer has two different Content-Lengths');
}

class LenientBody implements ExchangeBody {
  constructor(
    private readonly response: http.IncomingMessage,
    private readonly failure: FirstFailure,
  ) {}

  read(onChunk: (chunk: Uint8Array) => void): Promise<void> {
    const { response, failure } = this;
    return new Promise((resolve, reject) => {
      response.on('error', (error) => {
        reject(failure.error ?? error);
      });
      response.on('end', () => {
        if (failure.error === null) resolve();
        else reject(failure.error);
      });
      if (failure.error !== null) {
        reject(failure.error);
        return;
      }
      response.on('data', (chunk: Buffer) => {
        try {
          onChunk(chunk);
        } catch (error) {
          failure.error ??= error as Error;
          response.destroy(error as Error);
        }
      });
    });
  }

  pause(): void {
    this.response.pause();
  }

  resume(): void {
    if (!this.response.destroyed) this.response.resume();
  }

  destroy(): void {
    // Without a listener the error of the destruction would end the process.
    this.response.on('error', () => undefined).destroy();
  }
}
