/** Converts the status of an answer to a failure. */
import type { Answer } from '../answer';
import { FetchFailure } from './fetch-failure';

/**
 * The server is preparing the image, for example from tape. Its Retry-After applies to this image
 * only.
 */
const ACCEPTED = 202;

/** What came with the status. */
interface Refusal {
  /** The beginning of the body. */
  readonly body: string;
  /** The reason, which begins with a separator; empty if none is known. */
  readonly reason: string;
  /** True when a header or the page states that it is a challenge. */
  readonly isChallenge: boolean;
}

/**
 * The failure for a status other than success. The statuses 408, 425, 429 and 5xx are transient. A
 * challenge fails until a later run, which may not be challenged.
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
  const isTransient = status >= 500 || status === 408 || status === 425 || status === 429;
  const asksToWait = status === 429 || status === 503;
  return new FetchFailure(`http_${status}`, message, {
    body,
    isTransient,
    isRetryable: isTransient || isChallenge,
    retryAfterMs: asksToWait ? answer.retryAfterMs(maxRetryAfterSeconds) : null,
  });
}
