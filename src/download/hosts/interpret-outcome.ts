/** The one place that turns what became of a request into what limiter, rate, circuit breaker and network monitor go by. */
import type { ImageCode } from '../../contract/outcome';
import type { FetchFailure } from '../../http/fetch-failure';
import type { RequestOutcome } from '../../http/permit';

export type RetryAfterCode = 'http_429' | 'http_503';

/** What one request says about its host and about the network. */
export interface Evidence {
  /** The host is there: it sent an HTTP answer, or at least spoke TLS or garbled HTTP. */
  readonly isAlive: boolean;
  /** The failure may be the host's and not the image's; null otherwise. */
  readonly trouble: ImageCode | null;
  /** The host named a time before which it does not want to be asked. **Units** ms. */
  readonly retryAfter: { readonly waitMs: number; readonly code: RetryAfterCode } | null;
  /** The status by which the host says that it is asked too much; null otherwise. */
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

/** Codes of failures before any answer: the host may be down, or out of reach. */
const NO_ANSWER: ReadonlySet<ImageCode> = new Set<ImageCode>(['connect', 'dns', 'timeout']);

/** Failures that are the URL's or the configuration's: the host was not asked. */
const NOT_ASKED: ReadonlySet<ImageCode> = new Set<ImageCode>([
  'bad_url',
  'blocked_address',
  'scheme',
]);

const TROUBLED_STATUS = /^http_(408|425|429|5\d\d)$/;

/** @returns what the outcome of a request says; nothing where it was given up by us or never asked the host. */
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

/** The request brought no answer at all: name look-up, connection or a time limit failed. */
export function isWithoutAnswer({ code }: Pick<FetchFailure, 'code'>): boolean {
  return NO_ANSWER.has(code);
}

function isTrouble(code: ImageCode): boolean {
  return NO_ANSWER.has(code) || TROUBLED_STATUS.test(code);
}

/** Only 429 and 503 are read with a Retry-After. */
function retryAfterCodeOf(code: ImageCode): RetryAfterCode {
  return code === 'http_429' ? 'http_429' : 'http_503';
}

function overloadOf(status: number | undefined): 429 | 503 | null {
  return status === 429 || status === 503 ? status : null;
}
