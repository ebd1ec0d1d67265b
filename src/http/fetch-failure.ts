/**
 * Why a request brought no file, and the one place where errors of undici and Node are told apart.
 */
import { StepError } from '../contract/errors';
import type { ImageCode } from '../contract/outcome';

/**
 * **Shape** `isTransient`: worth another try, and retryable by a later run. `retryAfterMs`: the
 * server asked for a wait. The message carries no URL: queries may hold secrets.
 */
export class FetchFailure extends Error {
  override readonly name = 'FetchFailure';
  readonly code: ImageCode;
  readonly isTransient: boolean;
  readonly retryAfterMs: number | null;
  /** No name server answered: nothing is known about the name. */
  readonly resolverUnreachable: boolean;
  /** The local system has no route to any address of the host. */
  readonly noRoute: boolean;
  /** The beginning of the body that came instead of an image; null when none was read. */
  readonly body: string | null;

  constructor(
    code: ImageCode,
    message: string,
    options: {
      readonly isTransient?: boolean;
      readonly retryAfterMs?: number | null;
      readonly resolverUnreachable?: boolean;
      readonly noRoute?: boolean;
      readonly body?: string | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.isTransient = options.isTransient ?? TRANSIENT.has(code);
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.resolverUnreachable = options.resolverUnreachable ?? false;
    this.noRoute = options.noRoute ?? false;
    this.body = options.body ?? null;
  }
}

const TRANSIENT: ReadonlySet<ImageCode> = new Set<ImageCode>([
  'connect',
  'dns',
  'timeout',
  'truncated',
  'protocol',
]);

/** The connection ended without an answer. */
export function isHangUp(error: unknown): error is FetchFailure {
  return error instanceof FetchFailure && error.code === 'connect';
}

/** Where a request was when it failed: before its answer's head, or in the body. */
export type Phase = 'head' | 'body';

/**
 * Failures to resolve a name and to connect are made where they arise (names/dns-failure.ts,
 * connect/connect-failure.ts).
 *
 * **Source** Node's errno and OpenSSL codes, undici's error codes (docs/api/Errors.md).
 */
const BY_CODE: readonly (readonly [RegExp, ImageCode])[] = [
  [/^(UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/, 'timeout'],
  [
    /^(ERR_TLS_.*|ERR_SSL_.*|EPROTO|CERT_.*|DEPTH_ZERO.*|SELF_SIGNED.*|UNABLE_TO_.*|ERR_OSSL.*|HOSTNAME_MISMATCH)$/,
    'tls',
  ],
  [
    /^(HPE_(?!INVALID_EOF_STATE).*|UND_ERR_HEADERS_OVERFLOW|UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|UND_ERR_RESPONSE.*)$/,
    'protocol',
  ],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'connect'],
  [/^UND_ERR_RES_(CONTENT_LENGTH_MISMATCH|EXCEEDED_MAX_SIZE)$/, 'truncated'],
];

/** Not ECONNREFUSED: a host said so. */
export const UNREACHABLE =
  /^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/;

/** The other side went away: what that means depends on when. */
const HANG_UP = /^(UND_ERR_.*|HPE_INVALID_EOF_STATE|ECONNRESET|ECONNABORTED|EPIPE|ENOTCONN)$/;

/**
 * The failure of an error of undici or Node; disk errors and cancellation pass through unchanged.
 */
export function asFetchFailure(error: unknown, phase: Phase): unknown {
  if (error instanceof FetchFailure || error instanceof StepError) return error;
  if (!isErrorLike(error)) return error;
  const cause = deepest(error);
  if (cause instanceof FetchFailure) return cause;
  const code = codeOf(cause) ?? codeOf(error);
  if (code === undefined) return error;
  const known = BY_CODE.find(([pattern]) => pattern.test(code))?.[1];
  // Whatever else has a code (ENOSPC, EMFILE) is ours, not the host's.
  if (known === undefined && !HANG_UP.test(code)) return error;
  const imageCode = isNoLength(code, phase) ? 'protocol' : (known ?? ofHangUp(phase));
  return new FetchFailure(
    imageCode,
    `${code} ${phase === 'body' ? 'in the body' : 'before an answer'}`,
    { cause: error },
  );
}

function ofHangUp(phase: Phase): ImageCode {
  return phase === 'body' ? 'truncated' : 'connect';
}

/**
 * undici refuses lengths that are none, or two, in the words of a body that is too short; but
 * before there is a body.
 */
function isNoLength(code: string, phase: Phase): boolean {
  return phase === 'head' && code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
}

/** Happy eyeballs reports an AggregateError; TLS and look-ups hide behind undici's own. */
function deepest(error: Error): Error {
  const inner: unknown =
    'errors' in error && Array.isArray(error.errors) ? error.errors[0] : error.cause;
  return isErrorLike(inner) ? deepest(inner) : error;
}

/** Not instanceof: errors of Node's own modules may come from another realm (jest). */
function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value;
}

function codeOf(error: Error): string | undefined {
  // undici 7.30 looks its parser's codes up the wrong way round and leaves them out.
  if (error.name === 'HTTPParserError')
    return error.message.includes('EOF') ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID';
  // A status that it does not expect (100, 101) is the socket's fault by its code; a head that it
  // did not foresee, an assertion.
  if (/^bad (response|upgrade)$/.test(error.message)) return 'HPE_UNEXPECTED';
  if (error.name === 'AssertionError') return 'HPE_UNFORESEEN';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}
