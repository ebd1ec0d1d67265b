/** The head of an answer, as outcomes record it. */
import type { Dispatcher } from 'undici';
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
  /** **Units** ms, capped. */
  retryAfterMs(capSeconds: number): number | null;
}

/** Headers longer than this are not worth a column. **Units** characters. */
const LONGEST = 500;

export function readAnswer(response: Dispatcher.ResponseData<unknown>, finalHost: string): Answer {
  const header = (name: string): string | null => headerOf(response, name);
  return {
    status: response.statusCode,
    finalHost,
    etag: short(header('etag')),
    lastModified: short(header('last-modified')),
    location: header('location'),
    retryAfterMs: (capSeconds) =>
      retryAfterMs(header('retry-after'), Date.now(), capSeconds * 1_000),
  };
}

/** The first of a header that came more than once. */
export function headerOf(response: Dispatcher.ResponseData<unknown>, name: string): string | null {
  const value = response.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function short(text: string | null): string | null {
  return text !== null && text.length <= LONGEST ? text : null;
}
