/** Parses Retry-After, which holds seconds or a date. */
import { parseHttpDate } from './http-date';

/** Seconds, also with a fraction and a unit, which HTTP does not have and some servers send. */
const SECONDS = /^(\d+(?:\.\d+)?) *(?:s|secs?|seconds?)?$/i;

/** The values of several headers, which a server or proxy may have joined. */
const LIST_OF_SECONDS = /^\d+(?: *, *\d+)+$/;

/**
 * How many milliseconds the server asks clients to wait. Null without the header, and if its values
 * are neither (a negative number, a word): the caller's own backoff applies then. A date in the
 * past is 0. Of several values the longest wait counts.
 *
 * @see RFC 9110, section 10.2.3.
 */
export function retryAfterMs(
  header: string | readonly string[] | undefined,
  nowMs: number,
  capMs: number,
): number | null {
  const values = [header ?? []].flat().flatMap(splitList);
  const waits = values.flatMap((value) => waitOf(value.trim(), nowMs) ?? []);
  return waits.length === 0 ? null : Math.min(Math.max(...waits), capMs);
}

/** Only numbers are split, because dates have commas of their own. */
function splitList(header: string): readonly string[] {
  return LIST_OF_SECONDS.test(header.trim()) ? header.split(',') : [header];
}

function waitOf(value: string, nowMs: number): number | null {
  const [, seconds] = SECONDS.exec(value) ?? [];
  if (seconds !== undefined) return Math.ceil(Number(seconds) * 1_000);
  const date = parseHttpDate(value, nowMs);
  return date === null ? null : Math.max(0, date - nowMs);
}
