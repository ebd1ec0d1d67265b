/** Why no address of a host accepted a connection, as a FetchFailure. */
import { FetchFailure, UNREACHABLE } from '../fetch-failure';
import { TIMED_OUT, type FailedAttempt } from './dial';

/** The local system knows no way to the address, or has no address of that family itself. */
const NO_ROUTE: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
]);

/** A router needs longer to report that a host is unreachable; the local system does it at once. */
const AT_ONCE_MS = 50;

/** Addresses that a message names. */
const MOST_NAMED = 4;

/** `timeoutMs`: the limit that was set for connecting. */
export function connectFailure(
  attempts: readonly FailedAttempt[],
  timeoutMs: number,
): FetchFailure {
  const isTimeout = attempts.some(timedOut);
  return new FetchFailure(isTimeout ? 'timeout' : 'connect', messageOf(attempts, timeoutMs), {
    noRoute: attempts.every(hasNoRoute),
  });
}

function timedOut({ code }: FailedAttempt): boolean {
  return code === TIMED_OUT || code === 'ETIMEDOUT';
}

function hasNoRoute({ code, elapsedMs }: FailedAttempt): boolean {
  return NO_ROUTE.has(code) || (code === 'EHOSTUNREACH' && elapsedMs < AT_ONCE_MS);
}

/** For example "no connection within 10 s to 10.99.0.5; 2001:db8::1 unreachable (ENETUNREACH)". */
function messageOf(attempts: readonly FailedAttempt[], timeoutMs: number): string {
  const late = attempts.filter(({ code }) => code === TIMED_OUT).map(({ address }) => address);
  const others = attempts.filter(({ code }) => code !== TIMED_OUT);
  const limit = `${timeoutMs / 1_000} s`;
  const parts = late.length === 0 ? [] : [`no connection within ${limit} to ${listed(late)}`];
  for (const code of new Set(others.map((one) => one.code))) {
    const addresses = others.filter((one) => one.code === code).map(({ address }) => address);
    parts.push(partOf(code, listed(addresses)));
  }
  return parts.join('; ');
}

function partOf(code: string, addresses: string): string {
  if (UNREACHABLE.test(code) || NO_ROUTE.has(code)) return `${addresses} unreachable (${code})`;
  return `${code} by ${addresses}`;
}

function listed(addresses: readonly string[]): string {
  const named = addresses.slice(0, MOST_NAMED).join(', ');
  const more = addresses.length - MOST_NAMED;
  return more > 0 ? `${named} and ${more} more` : named;
}
