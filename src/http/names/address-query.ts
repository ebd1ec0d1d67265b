/**
 * Queries the A and AAAA records of a name at the same time, for one candidate of the search list
 * after another.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DnsAnswer, DnsChannel } from './dns-channels';

/**
 * How long the addresses of one family wait for those of the other family.
 *
 * @see RFC 8305, section 3.
 */
const RESOLUTION_DELAY_MS = 50;

export interface AddressAnswer {
  readonly answer: DnsAnswer;
  /** The answer for the other family if it did not arrive in time, otherwise null. */
  readonly late: Promise<DnsAnswer> | null;
}

/**
 * Returns the answer for the first candidate that has addresses, as glibc does. After a denial or a
 * server failure the next candidate is tried; if no server answers, the look-up ends.
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
    last = preferFailure(last, answer);
  }
  return { answer: last, late: null };
}

async function queryAddresses(channel: DnsChannel, name: string): Promise<AddressAnswer> {
  const asked = { A: channel.ask(name, 'A'), AAAA: channel.ask(name, 'AAAA') };
  const [first, other] = await Promise.race([
    asked.A.then((answer) => [answer, asked.AAAA] as const),
    asked.AAAA.then((answer) => [answer, asked.A] as const),
  ]);
  if (first.kind !== 'found') return { answer: mergeAnswers(first, await other), late: null };
  const second = await answerWithin(RESOLUTION_DELAY_MS, other);
  if (second === null) return { answer: first, late: other };
  return { answer: mergeAnswers(first, second), late: null };
}

async function answerWithin(ms: number, answer: Promise<DnsAnswer>): Promise<DnsAnswer | null> {
  const stopped = new AbortController();
  const { signal } = stopped;
  const elapsed = delay(ms, null, { signal }).catch(() => null);
  try {
    return await Promise.race([answer, elapsed]);
  } finally {
    stopped.abort();
  }
}

/**
 * Combines two answers: the addresses of both or, if neither has any, a failure rather than a
 * denial.
 */
export function mergeAnswers(one: DnsAnswer, other: DnsAnswer): DnsAnswer {
  if (one.kind === 'found' && other.kind === 'found') {
    return {
      kind: 'found',
      addresses: [...new Set([...one.addresses, ...other.addresses])],
      ttlSeconds: Math.min(one.ttlSeconds, other.ttlSeconds),
    };
  }
  if (one.kind === 'found') return one;
  return other.kind === 'found' ? other : preferFailure(one, other);
}

function preferFailure(one: DnsAnswer, other: DnsAnswer): DnsAnswer {
  return one.kind === 'failed' ? one : other;
}
