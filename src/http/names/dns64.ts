/** Which prefixes this network's DNS64 server puts before IPv4 addresses. @see RFC 7050. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  ipv4After,
  ipv6Bytes,
  PREFIX_LENGTHS,
  WELL_KNOWN_PREFIX,
  type TranslationPrefix,
} from '../embedded-ipv4';
import type { DnsAnswer } from './dns-channels';

/** It has A records only; a server that answers with AAAA records made them itself. */
export const IPV4_ONLY_NAME = 'ipv4only.arpa';
const IPV4_ONLY_ADDRESSES: ReadonlySet<string> = new Set(['192.0.0.170', '192.0.0.171']);

/**
 * How long a connection waits for the prefixes, and when a question without an answer is repeated.
 */
const WAIT_MS = 1_000;
const RETRY_MS = 60_000;

/**
 * Asks once, when an IPv6 address has been found, and again after a failure or after {@link reset}.
 */
export class Dns64 {
  #known: readonly TranslationPrefix[] = [WELL_KNOWN_PREFIX];
  /** Resolves when the question is answered, or has taken too long to wait for it. */
  #ready: Promise<unknown> | null = null;
  #askAgainAt = Infinity;

  constructor(private readonly ask: () => Promise<DnsAnswer>) {}

  /** The well-known prefix and those of this network. */
  async prefixes(): Promise<readonly TranslationPrefix[]> {
    if (performance.now() >= this.#askAgainAt) this.reset();
    this.#ready ??= Promise.race([this.#discover(), delay(WAIT_MS, null, { ref: false })]);
    await this.#ready;
    return this.#known;
  }

  /** The name servers have changed. */
  reset(): void {
    this.#known = [WELL_KNOWN_PREFIX];
    this.#ready = null;
    this.#askAgainAt = Infinity;
  }

  async #discover(): Promise<void> {
    const before = this.#known;
    const answer = await this.ask();
    // After reset() the answer came from name servers that are no longer in use.
    if (this.#known !== before) return;
    if (answer.kind === 'failed') this.#askAgainAt = performance.now() + RETRY_MS;
    const own = answer.kind === 'found' ? answer.addresses.flatMap(prefixesOf) : [];
    this.#known = [WELL_KNOWN_PREFIX, ...own];
  }
}

/** Every prefix length at which the address holds one of the two known IPv4 addresses. */
export function prefixesOf(address: string): readonly TranslationPrefix[] {
  const bytes = ipv6Bytes(address);
  if (bytes === null) return [];
  return PREFIX_LENGTHS.filter((length) => IPV4_ONLY_ADDRESSES.has(ipv4After(bytes, length))).map(
    (length) => ({ bytes: bytes.slice(0, length / 8), length }),
  );
}
