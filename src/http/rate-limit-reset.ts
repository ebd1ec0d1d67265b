/** Reads how long a client that used up its requests must wait, without a Retry-After. */
import type { Exchange } from './exchange';

type Headers = Exchange['headers'];

const TOO_MANY_REQUESTS = 429;

/** Statuses with which some APIs answer instead of 429. */
const OTHER_STATUSES: ReadonlySet<number> = new Set([403, 503]);

/** Headers with the number of requests that are left. */
const REMAINING = ['ratelimit-remaining', 'x-ratelimit-remaining', 'x-rate-limit-remaining'];

/** Headers with seconds, or with the time of the reset in seconds or milliseconds since 1970. */
const RESETS = [
  'ratelimit-reset',
  'x-ratelimit-reset-after',
  'x-ratelimit-reset',
  'x-rate-limit-reset',
];

/** A larger number is a time in seconds, and one that is larger than the second in milliseconds. */
const FIRST_TIME = 1_000_000_000;
const FIRST_TIME_IN_MS = 1_000_000_000_000;

/**
 * The wait in milliseconds, at most `capMs`; null without one, and where it is over. A status other
 * than 429 must say that no request is left.
 *
 * @see IETF draft-ietf-httpapi-ratelimit-headers (`RateLimit: "default";r=0;t=30`, and before it
 *   `RateLimit-Reset`, in seconds); GitHub's REST API (status 403, `x-ratelimit-reset` as a time).
 */
export function rateLimitResetMs(
  { statusCode, headers }: Pick<Exchange, 'statusCode' | 'headers'>,
  nowMs: number,
  capMs: number,
): number | null {
  const isLimit =
    statusCode === TOO_MANY_REQUESTS || (OTHER_STATUSES.has(statusCode) && isUsedUp(headers));
  if (!isLimit) return null;
  const waits = [
    ...RESETS.map((name) => waitOf(valueOf(headers, name), nowMs)),
    waitOf(parameter(headers, 't') ?? parameter(headers, 'reset') ?? '', nowMs),
  ].filter((wait) => wait > 0);
  return waits.length === 0 ? null : Math.min(Math.max(...waits), capMs);
}

function isUsedUp(headers: Headers): boolean {
  const left = [
    ...REMAINING.map((name) => valueOf(headers, name)),
    parameter(headers, 'r') ?? parameter(headers, 'remaining') ?? '',
  ];
  return left.some((value) => /^0+$/.test(value));
}

/** 0 for a text that is no number. */
function waitOf(value: string, nowMs: number): number {
  if (!/^\d+(\.\d+)?$/.test(value)) return 0;
  const number = Number(value);
  if (number < FIRST_TIME) return Math.ceil(number * 1_000);
  return (number < FIRST_TIME_IN_MS ? number * 1_000 : number) - nowMs;
}

function valueOf(headers: Headers, name: string): string {
  const value = headers[name];
  return ((Array.isArray(value) ? value[0] : value) ?? '').trim();
}

/** A parameter of the header RateLimit. */
function parameter(headers: Headers, name: string): string | null {
  const pattern = new RegExp(`(?:^|[;,\\s])${name}=(\\d+)`, 'i');
  return pattern.exec(valueOf(headers, 'ratelimit'))?.[1] ?? null;
}
