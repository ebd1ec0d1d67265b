/** Reads the dates of HTTP headers. */

/** A date as `Sun, 06 Nov 1994 08:49:37 GMT` or `Sunday, 06-Nov-94 08:49:37 GMT`. */
const DAY_FIRST =
  /^[a-z]+, *(\d{1,2})[ -]([a-z]{3})[ -](\d{2}|\d{4}) (\d{1,2}:\d{2}:\d{2}) *(gmt|utc|z|[+-]\d{4})$/i;

/** A date as `Sun Nov  6 08:49:37 1994`, which is in UTC. */
const ASCTIME = /^[a-z]{3} ([a-z]{3}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4})$/i;

/** A date as `1994-11-06T08:49:37Z`, which HTTP does not have and some servers send. */
const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i;

/** A year of two digits that is further ahead is one of the past. */
const MOST_YEARS_AHEAD = 50;

/**
 * Milliseconds since 1970; null for any other text, such as `soon 5`, of which `Date.parse` makes a
 * date. `nowMs` decides the century of a year of two digits.
 *
 * @see RFC 9110, section 5.6.7.
 */
export function parseHttpDate(text: string, nowMs: number): number | null {
  const normal = normalDate(text.trim(), nowMs);
  const parsed = normal === null ? NaN : Date.parse(normal);
  return Number.isNaN(parsed) ? null : parsed;
}

function normalDate(text: string, nowMs: number): string | null {
  if (ISO_8601.test(text)) return text;
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst !== null) {
    const [, day = '', month = '', year = '', time = '', zone = ''] = dayFirst;
    const offset = /^[+-]/.test(zone) ? zone : 'GMT';
    return `${day} ${month} ${fullYear(year, nowMs)} ${time} ${offset}`;
  }
  const [, month, day = '', time = '', year = ''] = ASCTIME.exec(text) ?? [];
  return month === undefined ? null : `${day} ${month} ${year} ${time} GMT`;
}

function fullYear(year: string, nowMs: number): number {
  if (year.length === 4) return Number(year);
  const thisYear = new Date(nowMs).getUTCFullYear();
  const full = thisYear - (thisYear % 100) + Number(year);
  if (full > thisYear + MOST_YEARS_AHEAD) return full - 100;
  return full <= thisYear + MOST_YEARS_AHEAD - 100 ? full + 100 : full;
}
