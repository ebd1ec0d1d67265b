/** The head of an answer, as outcomes record it. */
import type { Exchange } from './exchange';
import { retryAfterMs } from './retry-after';

/** What a conditional request confirms. */
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
  /** **Units** ms, capped. */
  retryAfterMs(capSeconds: number): number | null;
}

/** Headers longer than this are not worth a column. **Units** characters. */
const LONGEST = 500;

export function readAnswer(
  response: Pick<Exchange, 'statusCode' | 'headers'>,
  finalHost: string,
): Answer {
  const header = (name: string): string | null => headerOf(response, name);
  return {
    status: response.statusCode,
    finalHost,
    etag: short(header('etag')),
    lastModified: short(header('last-modified')),
    location: header('location'),
    contentType: short(header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? null),
    retryAfterMs: (capSeconds) =>
      retryAfterMs(header('retry-after'), nowOf(header('date')), capSeconds * 1_000),
  };
}

/** By the host's own clock when it tells it: a date that it names is one of its own. */
function nowOf(date: string | null): number {
  const told = Date.parse(date ?? '');
  return Number.isNaN(told) ? Date.now() : told;
}

/** The first of a header that came more than once. */
export function headerOf(
  response: Pick<Exchange, 'statusCode' | 'headers'>,
  name: string,
): string | null {
  const value = response.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function short(text: string | null): string | null {
  return text !== null && text.length <= LONGEST ? text : null;
}
