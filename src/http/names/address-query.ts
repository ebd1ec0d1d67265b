/**
 * Asks for the A and the AAAA records of a name at once, candidate by candidate of the search list.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DnsAnswer, DnsChannel } from './dns-channels';

/** How long addresses of one family wait for the other family. @see RFC 8305, section 3. */
const RESOLUTION_DELAY_MS = 50;

export interface AddressAnswer {
  readonly answer: DnsAnswer;
  /** The other family's answer when it had not arrived in time, otherwise null. */
  readonly late: Promise<DnsAnswer> | null;
}

/**
 * The first candidate that has addresses decides, as in glibc: a denied candidate and one whose
 * server failed lead to the next one; when no server answers, the look-up ends.
 */
export async function queryCandidates(
  channel: DnsChannel,
  candidates: readonly string[],
): Promise<AddressAnswer> {
  let last: DnsAnswer = { kind: 'denied', code: 'ENOTFOUND' };
  for (const candidate of candidates) {
    const asked = await queryAddresses(channel, candidate);
    const { answer } = asked;
    if (answer.kind === 'found') return asked;
    if (answer.kind === 'failed' && answer.code !== 'ESERVFAIL') return asked;
    last = worse(last, answer);
  }
  return { answer: last, late: null };
}

async function queryAddresses(channel: DnsChannel, name: string): Promise<AddressAnswer> {
  const asked = { A: channel.ask(name, 'A'), AAAA: channel.ask(name, 'AAAA') };
  const [first, other] = await Promise.race([
    asked.A.then((answer) => [answer, asked.AAAA] as const),
    asked.AAAA.then((answer) => [answer, asked.A] as const),
  ]);
  if (first.kind !== 'found') return { answer: merged(first, await other), late: null };
  const second = await within(RESOLUTION_DELAY_MS, other);
  if (second === null) return { answer: first, late: other };
  return { answer: merged(first, second), late: null };
}

async function within(ms: number, answer: Promise<DnsAnswer>): Promise<DnsAnswer | null> {
  const stopped = new AbortController();
  const { signal } = stopped;
  const elapsed = delay(ms, null, { signal }).catch(() => null);
  try {
    return await Promise.race([answer, elapsed]);
  } finally {
    stopped.abort();
  }
}

/** The addresses of both answers; without any, a failure counts more than a denial. */
export function merged(one: DnsAnswer, other: DnsAnswer): DnsAnswer {
  if (one.kind === 'found' && other.kind === 'found') {
    return {
      kind: 'found',
      addresses: [...new Set([...one.addresses, ...other.addresses])],
      ttlSeconds: Math.min(one.ttlSeconds, other.ttlSeconds),
    };
  }
  if (one.kind === 'found') return one;
  return other.kind === 'found' ? other : worse(one, other);
}

function worse(one: DnsAnswer, other: DnsAnswer): DnsAnswer {
  return one.kind === 'failed' ? one : other;
}
