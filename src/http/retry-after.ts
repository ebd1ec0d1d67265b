/** Retry-After, in seconds or as a date. */

/**
 * How long the server asks us to wait; null for none and for junk (our own backoff serves then). A past date is 0.
 *
 * **Units** ms. **Source** RFC 9110, 10.2.3.
 */
export function retryAfterMs(header: string | null, nowMs: number, capMs: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, capMs);
  const date = Date.parse(text);
  if (!/[A-Za-z]{3}/.test(text) || Number.isNaN(date)) return null;
  return Math.min(Math.max(0, date - nowMs), capMs);
}
