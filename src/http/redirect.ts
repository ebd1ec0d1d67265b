/** Where a redirect leads, and when its target may be requested. */
import { setTimeout as delay } from 'node:timers/promises';
import { hostNameProblem } from '../contract/hosts/host-name-problem';
import type { Answer } from './answer';
import { FetchFailure } from './failures/fetch-failure';

/** The wait keeps a slot, and other clients do not wait at all. */
const MAX_REDIRECT_WAIT_SECONDS = 10;

/**
 * Waits as long as a redirect asks for (Retry-After) before its target is requested, and not longer
 * than {@link MAX_REDIRECT_WAIT_SECONDS}.
 *
 * @throws the signal's reason.
 * @see RFC 9110, section 10.2.3.
 */
export async function waitBeforeRedirect(
  answer: Answer | null,
  signal: AbortSignal,
): Promise<void> {
  const waitMs = answer?.retryAfterMs(MAX_REDIRECT_WAIT_SECONDS) ?? 0;
  if (waitMs === 0) return;
  await delay(waitMs, undefined, { signal }).catch(() => undefined);
  signal.throwIfAborted();
}

/** A byte of a header beyond ASCII, which is read as one character (Latin-1). */
const NOT_ASCII = /[\u0080-\u00ff]/g;

/** Browsers keep such bytes as they are, whatever their encoding. */
function percentEncoded(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase()}`;
}

/**
 * The URL to which a Location leads.
 *
 * @throws FetchFailure `redirect`.
 */
export function redirectTarget(header: string | null, from: URL): URL {
  if (header === null) throw new FetchFailure('redirect', 'a redirect without a Location');
  const location = header.replace(NOT_ASCII, percentEncoded);
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : null;
  if (target === null) throw new FetchFailure('redirect', 'a Location that cannot be parsed');
  if (target.username !== '' || target.password !== '') {
    throw new FetchFailure('redirect', 'a Location with a user name or password');
  }
  const problem = hostNameProblem(target.hostname);
  if (problem !== null) throw new FetchFailure('redirect', `a Location, but ${problem}`);
  return target;
}
