/** Describes why no address of a host accepted a connection, as a FetchFailure. */
import { FetchFailure, UNREACHABLE } from '../failures/fetch-failure';
import { TIMED_OUT, type FailedAttempt } from './dial';

/**
 * Codes that mean that the local system has no route to the address, or no address of that family.
 */
const NO_ROUTE: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
]);

/**
 * The time within which the local system reports an unreachable host, in milliseconds. A router
 * needs longer.
 */
const LOCAL_REPORT_MS = 50;

/** The most addresses that a message names. */
const MAX_NAMED_ADDRESSES = 4;

/** `timeoutMs` is the time limit that applied to connecting. */
export function connectFailure(
  attempts: readonly FailedAttempt[],
  timeoutMs: number,
): FetchFailure {
  const isTimeout = attempts.some(hasTimedOut);
  return new FetchFailure(
    isTimeout ? 'timeout' : 'connect',
    describeAttempts(attempts, timeoutMs),
    {
      noRoute: attempts.every(hasNoRoute),
    },
  );
}

function hasTimedOut({ code }: FailedAttempt): boolean {
  return code === TIMED_OUT || code === 'ETIMEDOUT';
}

function hasNoRoute({ code, elapsedMs }: FailedAttempt): boolean {
  return NO_ROUTE.has(code) || (code === 'EHOSTUNREACH' && elapsedMs < LOCAL_REPORT_MS);
}

/**
 * Describes the attempts, for example as "no connection within 10 s to 10.99.0.5; 2001:db8::1
 * unreachable (ENETUNREACH)".
 */
function describeAttempts(attempts: readonly FailedAttempt[], timeoutMs: number): string {
  const lateAddresses = attempts
    .filter(({ code }) => code === TIMED_OUT)
    .map(({ address }) => address);
  const others = attempts.filter(({ code }) => code !== TIMED_OUT);
  const limitText = `${timeoutMs / 1_000} s`;
  const parts =
    lateAddresses.length === 0
      ? []
      : [`no connection within ${limitText} to ${listAddresses(lateAddresses)}`];
  for (const code of new Set(others.map((attempt) => attempt.code))) {
    const addresses = others
      .filter((attempt) => attempt.code === code)
      .map(({ address }) => address);
    parts.push(describeCode(code, listAddresses(addresses)));
  }
  return parts.join('; ');
}

function describeCode(code: string, addresses: string): string {
  if (UNREACHABLE.test(code) || NO_ROUTE.has(code)) return `${addresses} unreachable (${code})`;
  return `${code} by ${addresses}`;
}

function listAddresses(addresses: readonly string[]): string {
  const named = addresses.slice(0, MAX_NAMED_ADDRESSES).join(', ');
  const more = addresses.length - MAX_NAMED_ADDRESSES;
  return more > 0 ? `${named} and ${more} more` : named;
}
