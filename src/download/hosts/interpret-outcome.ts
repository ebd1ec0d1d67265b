/**
 * The one place that turns the outcome of a request into evidence for the limiter, the rate, the
 * circuit breaker and the network monitor.
 */
import type { ImageCode } from '../../contract/outcome';
import type { FetchFailure } from '../../http/failures/fetch-failure';
import type { RequestOutcome } from '../../http/host-access';

export type RetryAfterCode = 'http_429' | 'http_503';

/** What one request shows about its host and about the network. */
export interface Evidence {
  /** The host exists: it sent an HTTP answer, or at least used TLS or sent garbled HTTP. */
  readonly isAlive: boolean;
  /** The code of a failure that may be due to the host and not to the image; null otherwise. */
  readonly trouble: ImageCode | null;
  /** The host named a time before which no request may be sent. In milliseconds. */
  readonly retryAfter: { readonly waitMs: number; readonly code: RetryAfterCode } | null;
  /** The status with which the host reports overload; null otherwise. */
  readonly overload: 429 | 503 | null;
  /** An answer that ends a series of Retry-After waits. */
  readonly isGood: boolean;
}

const NOTHING: Evidence = {
  isAlive: false,
  trouble: null,
  retryAfter: null,
  overload: null,
  isGood: false,
};

/** Codes of failures before any answer: the host may be down or unreachable. */
const NO_ANSWER: ReadonlySet<ImageCode> = new Set<ImageCode>(['connect', 'dns', 'timeout']);

/** Failures due to the URL or the configuration: no request was sent to the host. */
const NOT_ASKED: ReadonlySet<ImageCode> = new Set<ImageCode>([
  'bad_url',
  'blocked_address',
  'scheme',
]);

/** 501 and 505 are about the request. */
const TROUBLED_STATUS = /^http_(408|420|425|429|5(?!01|05)\d\d)$/;

/**
 * @returns the evidence in the outcome of a request. There is none when the request was cancelled
 *   by us or never reached the host.
 */
export function interpretOutcome({ answer, failure }: RequestOutcome): Evidence {
  if (failure === null) {
    return answer === null ? NOTHING : { ...NOTHING, isAlive: true, isGood: true };
  }
  if (NOT_ASKED.has(failure.code) && answer === null) return NOTHING;
  const { retryAfterMs, code } = failure;
  const trouble = retryAfterMs === null && isTrouble(code) ? code : null;
  return {
    isAlive: answer !== null || !NO_ANSWER.has(code),
    trouble,
    retryAfter:
      retryAfterMs === null ? null : { waitMs: retryAfterMs, code: retryAfterCodeOf(code) },
    overload: overloadOf(answer?.status),
    isGood: trouble === null && retryAfterMs === null && code !== 'tls',
  };
}

/** The request got no answer at all: name look-up, connection or a time limit failed. */
export function isWithoutAnswer({ code }: Pick<FetchFailure, 'code'>): boolean {
  return NO_ANSWER.has(code);
}

function isTrouble(code: ImageCode): boolean {
  return NO_ANSWER.has(code) || TROUBLED_STATUS.test(code);
}

/** Retry-After is read with 429 and 503 only. */
function retryAfterCodeOf(code: ImageCode): RetryAfterCode {
  return code === 'http_429' ? 'http_429' : 'http_503';
}

function overloadOf(status: number | undefined): 429 | 503 | null {
  return status === 429 || status === 503 ? status : null;
}
