/** The status and headers of a response, as outcomes record them. */
import type { Exchange } from './exchange';
import { challengeOfHead } from './reason/challenge';
import { parseHttpDate } from './http-date';
import { rateLimitResetMs } from './rate-limit-reset';
import { retryAfterMs } from './retry-after';

/** The validators of a stored file, which a conditional request sends back. */
export interface Condition {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export interface Answer extends Condition {
  readonly status: number;
  readonly finalHost: string;
  readonly location: string | null;
  /** Type and subtype, in lower case. */
  readonly contentType: string | null;
  /** The header by which a protection service says that it sent a challenge; null without one. */
  readonly challenge: string | null;
  /**
   * The wait that Retry-After asks for, or else the headers of a limit on requests, in milliseconds
   * and at most `capSeconds`; null without one.
   */
  retryAfterMs(capSeconds: number): number | null;
}

/** A header value with more characters than this is not recorded. */
const MOST_HEADER_CHARACTERS = 500;

export function readAnswer(
  response: Pick<Exchange, 'statusCode' | 'headers'>,
  finalHost: string,
): Answer {
  const header = (name: string): string | null => headerOf(response, name);
  return {
    status: response.statusCode,
    finalHost,
    etag: storableHeader(header('etag')),
    lastModified: storableHeader(header('last-modified')),
    location: header('location'),
    contentType: storableHeader(
      header('content-type')?.replaceAll('"', '').split(/[;,]/)[0]?.trim().toLowerCase() ?? null,
    ),
    challenge: challengeOfHead(response),
    retryAfterMs: (capSeconds) => {
      const nowMs = serverTimeMs(header('date'));
      const capMs = capSeconds * 1_000;
      const asked = retryAfterMs(response.headers['retry-after'], nowMs, capMs);
      return asked ?? rateLimitResetMs(response, nowMs, capMs);
    },
  };
}

/** The host's own time if it sends a Date: a date in Retry-After comes from the same clock. */
function serverTimeMs(date: string | null): number {
  const now = Date.now();
  return parseHttpDate(date ?? '', now) ?? now;
}

/** The value of a header; the first value of a header that was sent more than once. */
export function headerOf(
  response: Pick<Exchange, 'statusCode' | 'headers'>,
  name: string,
): string | null {
  const value = response.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function storableHeader(text: string | null): string | null {
  return text !== null && text.length <= MOST_HEADER_CHARACTERS ? text : null;
}
