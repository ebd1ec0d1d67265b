/** Parses Retry-After, which holds seconds or a date. */

/**
 * How many milliseconds the server asks clients to wait. Null without the header or with an invalid
 * one; the caller's own backoff applies then. A date in the past is 0.
 *
 * @see RFC 9110, section 10.2.3.
 */
export function retryAfterMs(header: string | null, nowMs: number, capMs: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, capMs);
  const date = Date.parse(text);
  if (!/[A-Za-z]{3}/.test(text) || Number.isNaN(date)) return null;
  return Math.min(Math.max(0, date - nowMs), capMs);
}
