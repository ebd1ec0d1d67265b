/** Converts the status of an answer to a failure. */
import type { Answer } from '../answer';
import { saysThatItPasses } from '../reason/passing-limit';
import { FetchFailure } from './fetch-failure';

/**
 * The server is preparing the image, for example from tape. Its Retry-After applies to this image
 * only.
 */
const ACCEPTED = 202;

/** With a wait, or a text that says so, it is a limit on requests, as GitHub and Google word it. */
const FORBIDDEN = 403;

/**
 * Statuses below 500 that pass by themselves. 420 is a limit on requests, as Cloudinary has it, and
 * 423 an image that is being made.
 */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 420, 423, 425, 429]);

/** The server does not support the request, which a later one does not change. */
const NOT_IMPLEMENTED: ReadonlySet<number> = new Set([501, 505]);

/** What came with the status. */
interface Refusal {
  /** The beginning of the body, as text. */
  readonly body: string;
  /** The reason, which begins with a separator; empty if none is known. */
  readonly reason: string;
  /** True when a header or the page states that it is a challenge. */
  readonly isChallenge: boolean;
}

/**
 * The failure for a status other than success. The statuses 408, 420, 423, 425, 429 and 5xx
 * are transient, except 501 and 505. A challenge, and 403 with a wait or for a limit, fail until a
 * later run.
 *
 * A Retry-After holds for the host with 429 and 503, which are about the client and the service.
 * With another transient status it holds for the image: one that cannot be made does not keep the
 * host from serving the others.
 */
export function statusFailure(
  answer: Answer,
  maxRetryAfterSeconds: number,
  { body, reason, isChallenge }: Refusal,
): FetchFailure {
  const { status } = answer;
  const message = `status ${status}${reason}`;
  if (status === ACCEPTED) {
    const notBeforeMs = answer.retryAfterMs(maxRetryAfterSeconds);
    return new FetchFailure('unexpected_status', message, { body, isTransient: true, notBeforeMs });
  }
  if (status < 400 || status > 599)
    return new FetchFailure('unexpected_status', message, { body, isRetryable: isChallenge });
  const isOfServer = status >= 500 && !NOT_IMPLEMENTED.has(status);
  const isTransient = isOfServer || TRANSIENT_STATUSES.has(status);
  const asksToWait = status === 429 || status === 503;
  const waitMs = answer.retryAfterMs(maxRetryAfterSeconds);
  const isLimit = status === FORBIDDEN && (waitMs !== null || saysThatItPasses(body));
  const isForLater = isChallenge || isLimit;
  return new FetchFailure(`http_${status}`, message, {
    body,
    isTransient,
    isRetryable: isTransient || isForLater,
    retryAfterMs: asksToWait ? waitMs : null,
    notBeforeMs: isTransient && !asksToWait ? waitMs : null,
  });
}
