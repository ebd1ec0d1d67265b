/**
 * Discovers the prefixes that this network's DNS64 server puts before IPv4 addresses.
 *
 * @see RFC 7050.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  ipv4After,
  ipv6Bytes,
  PREFIX_LENGTHS,
  WELL_KNOWN_PREFIX,
  type TranslationPrefix,
} from '../addresses/embedded-ipv4';
import type { DnsAnswer } from './dns-channels';

/** A name with A records only. A server that answers with AAAA records has synthesised them. */
export const IPV4_ONLY_NAME = 'ipv4only.arpa';
const IPV4_ONLY_ADDRESSES: ReadonlySet<string> = new Set(['192.0.0.170', '192.0.0.171']);

/**
 * How long a connection waits for the prefixes, and after which time an unanswered query is
 * repeated.
 */
const WAIT_MS = 1_000;
const RETRY_MS = 60_000;

/**
 * Queries once, when the first IPv6 address has been found, and again after a failure or a call of
 * `reset`.
 */
export class Dns64 {
  #known: readonly TranslationPrefix[] = [WELL_KNOWN_PREFIX];
  /** Resolves when the query is answered or the wait for it is over. */
  #ready: Promise<unknown> | null = null;
  #repeatAt = Infinity;

  constructor(private readonly queryPrefixName: () => Promise<DnsAnswer>) {}

  /** The well-known prefix and those of this network. */
  async prefixes(): Promise<readonly TranslationPrefix[]> {
    if (performance.now() >= this.#repeatAt) this.reset();
    this.#ready ??= Promise.race([this.#discover(), delay(WAIT_MS, null, { ref: false })]);
    await this.#ready;
    return this.#known;
  }

  /** Called when the name servers have changed. */
  reset(): void {
    this.#known = [WELL_KNOWN_PREFIX];
    this.#ready = null;
    this.#repeatAt = Infinity;
  }

  async #discover(): Promise<void> {
    const before = this.#known;
    const answer = await this.queryPrefixName();
    // After reset() the answer came from name servers that are no longer in use.
    if (this.#known !== before) return;
    if (answer.kind === 'failed') this.#repeatAt = performance.now() + RETRY_MS;
    const networkPrefixes = answer.kind === 'found' ? answer.addresses.flatMap(prefixesOf) : [];
    this.#known = [WELL_KNOWN_PREFIX, ...networkPrefixes];
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
