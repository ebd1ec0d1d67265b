/**
 * The reasons why a request brought no file. This is the only place that classifies errors of
 * undici and Node.
 */
import { StepError } from '../../contract/errors';
import type { ImageCode } from '../../contract/outcome';
import { describeEndedConnection } from './ended-connection';
import { describeTlsFailure, isTlsCode } from './tls-failure';
import { describeProtocolFailure } from './protocol-failure';

/**
 * A failed request, with the code that outcomes record. The message never contains a URL, because a
 * query may hold secrets.
 */
export class FetchFailure extends Error {
  override readonly name = 'FetchFailure';
  readonly code: ImageCode;
  /** True when another attempt in this run may succeed. */
  readonly isTransient: boolean;
  /** True when a later run may succeed, which includes every transient failure. */
  readonly isRetryable: boolean;
  /** The wait that the server asked for, for all requests to the host; null without one. */
  readonly retryAfterMs: number | null;
  /** The wait that the server asked for before this URL is requested again; null without one. */
  readonly notBeforeMs: number | null;
  /** True when no name server answered, so that nothing is known about the name. */
  readonly resolverUnreachable: boolean;
  /** True when the local system has no route to any address of the host. */
  readonly noRoute: boolean;
  /**
   * Set when the proxy failed and not the host: it resolves with whether the proxy works again.
   * Null for any other failure.
   */
  readonly probeProxy: (() => Promise<boolean>) | null;
  /**
   * Set when no answer came through a proxy in time, which may be the host's fault or the proxy's:
   * it resolves with whether the proxy works. Null for any other failure.
   */
  readonly proxyInDoubt: (() => Promise<boolean>) | null;
  /** The beginning of the body that arrived instead of an image; null when none was read. */
  readonly body: string | null;
  /** The sha256 of the body, if it arrived whole and is damaged; else null. */
  readonly damagedBody: string | null;

  constructor(
    code: ImageCode,
    message: string,
    options: {
      readonly isTransient?: boolean;
      readonly isRetryable?: boolean;
      readonly retryAfterMs?: number | null;
      readonly notBeforeMs?: number | null;
      readonly resolverUnreachable?: boolean;
      readonly noRoute?: boolean;
      readonly probeProxy?: (() => Promise<boolean>) | null;
      readonly proxyInDoubt?: (() => Promise<boolean>) | null;
      readonly body?: string | null;
      readonly damagedBody?: string | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.isTransient = options.isTransient ?? TRANSIENT.has(code);
    this.isRetryable = options.isRetryable ?? this.isTransient;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.notBeforeMs = options.notBeforeMs ?? null;
    this.resolverUnreachable = options.resolverUnreachable ?? false;
    this.noRoute = options.noRoute ?? false;
    this.probeProxy = options.probeProxy ?? null;
    this.proxyInDoubt = options.proxyInDoubt ?? null;
    this.body = options.body ?? null;
    this.damagedBody = options.damagedBody ?? null;
  }

  /** The same failure, with a remark at the end of its message. */
  withRemark(remark: string): FetchFailure {
    return new FetchFailure(this.code, `${this.message}; ${remark}`, this);
  }
}

const TRANSIENT: ReadonlySet<ImageCode> = new Set<ImageCode>([
  'connect',
  'dns',
  'timeout',
  'truncated',
  'protocol',
]);

/**
 * Whether the connection ended without a response. A host that resets one stream of HTTP/2 has seen
 * the request and keeps the connection.
 */
export function isHangUp(error: unknown): error is FetchFailure {
  if (!(error instanceof FetchFailure) || error.code !== 'connect') return false;
  const { cause } = error;
  return !(isErrorLike(cause) && STREAM_RESET.test(cause.message));
}

/** @see undici, lib/dispatcher/client-h2.js */
const STREAM_RESET =
  /^HTTP\/2: ("stream error|stream (half-)?closed)|Stream closed with error code/;

/** Where a request was when it failed: before the response's headers, or in its body. */
export type Phase = 'head' | 'body';

/**
 * Image codes by error code. Failures to resolve a name and to connect are created where they arise
 * (names/dns-failure.ts, connect/connect-failure.ts).
 *
 * @see Node's errno and OpenSSL codes; undici's error codes (docs/api/Errors.md of undici).
 */
const IMAGE_CODE_BY_ERROR: readonly (readonly [RegExp, ImageCode])[] = [
  [/^(UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/, 'timeout'],
  [
    /^(HPE_(?!INVALID_EOF_STATE).*|UND_ERR_HEADERS_OVERFLOW|UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|UND_ERR_RESPONSE.*)$/,
    'protocol',
  ],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'connect'],
  [/^UND_ERR_RES_(CONTENT_LENGTH_MISMATCH|EXCEEDED_MAX_SIZE)$/, 'truncated'],
];

/**
 * Codes that mean that an address was not reached. ECONNREFUSED is none of them: the host answered.
 */
export const UNREACHABLE =
  /^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/;

/** Codes that mean that the peer closed the connection; the image code depends on the phase. */
const HANG_UP =
  /^(UND_ERR_.*|ERR_HTTP2_.*|HPE_INVALID_EOF_STATE|ECONNRESET|ECONNABORTED|EPIPE|ENOTCONN)$/;

/**
 * Converts an error of undici or Node to a FetchFailure. Disk errors and cancellation are returned
 * unchanged.
 */
export function asFetchFailure(error: unknown, phase: Phase): unknown {
  if (error instanceof FetchFailure || error instanceof StepError) return error;
  if (!isErrorLike(error)) return error;
  const cause = rootCause(error);
  if (cause instanceof FetchFailure) return cause;
  const code = errorCodeOf(cause) ?? errorCodeOf(error);
  if (code === undefined) return error;
  if (isTlsCode(code)) return tlsFailure(code, cause, error);
  const known = IMAGE_CODE_BY_ERROR.find(([pattern]) => pattern.test(code))?.[1];
  // Any other code (ENOSPC, EMFILE) is a failure of this machine, not of the host.
  if (known === undefined && !HANG_UP.test(code)) return error;
  const imageCode = isInvalidLength(code, phase) ? 'protocol' : (known ?? hangUpCode(phase));
  const message =
    imageCode === 'protocol'
      ? describeProtocolFailure(code, cause, phase)
      : describeEndedConnection(code, phase);
  return new FetchFailure(imageCode, message, { cause: error });
}

function tlsFailure(code: string, cause: Error, error: Error): FetchFailure {
  const { message, isRetryable } = describeTlsFailure(code, cause);
  return new FetchFailure('tls', message, { isRetryable, cause: error });
}

function hangUpCode(phase: Phase): ImageCode {
  return phase === 'body' ? 'truncated' : 'connect';
}

/**
 * undici reports an invalid or repeated Content-Length with the code of a body that is too short,
 * but before any body.
 */
function isInvalidLength(code: string, phase: Phase): boolean {
  return phase === 'head' && code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
}

/**
 * Finds the first cause: an AggregateError holds several errors, and undici wraps those of TLS and
 * look-ups.
 */
function rootCause(error: Error): Error {
  const inner: unknown =
    'errors' in error && Array.isArray(error.errors) ? error.errors[0] : error.cause;
  return isErrorLike(inner) ? rootCause(inner) : error;
}

/** Avoids instanceof, because errors of Node's own modules may come from another realm (jest). */
function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value;
}

function errorCodeOf(error: Error): string | undefined {
  // undici 7.30 inverts the look-up of its parser's codes, so these errors have no code.
  if (error.name === 'HTTPParserError')
    return error.message.includes('EOF') ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID';
  // undici gives an unexpected status (100, 101) the code of a socket error, and reports headers
  // that it did not foresee by an assertion.
  if (/^bad (response|upgrade)$/.test(error.message)) return 'HPE_UNEXPECTED';
  if (error.name === 'AssertionError') return 'HPE_UNFORESEEN';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}
