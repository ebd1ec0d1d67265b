/**
 * Resolves names as this system does, but without its thread pool: through the hosts file, DNS with
 * the search list and, if the system has other services, getaddrinfo in a helper process.
 */
import net from 'node:net';
import { embeddedIpv4 } from '../addresses/embedded-ipv4';
import { mergeAnswers, queryCandidates } from './address-query';
import { AddressOrder } from './address-order';
import { Dns64, IPV4_ONLY_NAME } from './dns64';
import { DnsChannels, isServerAnswer, type DnsAnswer, type RecordType } from './dns-channels';
import { assertCanOpen, dnsFailure } from './dns-failure';
import { HOSTS_FILE, localAddresses, parseHostsFile } from './hosts-file';
import { LookupPace } from './lookup-pace';
import { NameCache, type CachedAnswer } from './name-cache';
import {
  candidatesOf,
  parseNameServices,
  parseResolvConf,
  type NameServices,
} from './resolver-config';
import { SystemLookup } from './system-lookup';
import { watchedFile } from './watched-file';

export interface ResolvedAddress {
  readonly address: string;
  /**
   * The address that a connection reaches: the IPv4 address inside an address that a NAT64 gateway
   * translates, otherwise `address`.
   */
  readonly judgedAs: string;
}

export interface ResolvedName {
  /** Addresses in the order in which they should be tried. */
  readonly addresses: readonly ResolvedAddress[];
  /** Called when the address accepted a connection: the next connection tries it first. */
  prefer(address: string): void;
  /** Called when the address did not accept a connection: the next connection tries it last. */
  avoid(address: string): void;
  /**
   * Called when no address accepted a connection. An answer whose addresses connected earlier is
   * removed, so that the next connection queries again; any other answer is kept, so that a dead
   * host does not cause repeated queries.
   */
  drop(): void;
}

export interface NameResolver {
  /**
   * Concurrent calls for one name share one look-up.
   *
   * @throws FetchFailure `dns`; the system's own error (EMFILE, ENOMEM) when this process lacks
   * resources.
   */
  resolve(name: string): Promise<ResolvedName>;
  /** Whether a name server has answered any query since `time`, a value of `performance.now()`. */
  hasAnsweredSince(time: number): boolean;
  /**
   * Queries a name without using the cache.
   *
   * @returns whether a name server answered.
   */
  probe(name: string): Promise<boolean>;
  /** Cancels look-ups in progress and ends the helper process. */
  close(): void;
}

export interface NameResolverOptions {
  /** The time limit of one look-up in milliseconds. The default is 10,000. */
  readonly lookupLimitMs?: number;
  /**
   * The number of look-ups with a socket of their own; further ones share one socket. The default
   * is 64.
   */
  readonly ownChannels?: number;
}

const LOOKUP_LIMIT_MS = 10_000;
const OWN_CHANNELS = 64;

/** How long an answer of getaddrinfo, which has no TTL, is valid. */
const SYSTEM_TTL_SECONDS = 30;

export function createNameResolver(options: NameResolverOptions = {}): NameResolver {
  return new SystemNameResolver(options);
}

class SystemNameResolver implements NameResolver {
  readonly #hosts = watchedFile(HOSTS_FILE, parseHostsFile);
  readonly #services = watchedFile('/etc/nsswitch.conf', systemServices);
  readonly #resolvConf = watchedFile('/etc/resolv.conf', (text) => parseResolvConf(text));
  readonly #cache = new NameCache();
  readonly #addressOrder = new AddressOrder();
  readonly #lookupPace = new LookupPace();
  readonly #systemLookup = new SystemLookup();
  readonly #channels: DnsChannels;
  readonly #dns64: Dns64;
  #usedConfiguration: readonly unknown[] = [];
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor({ lookupLimitMs, ownChannels }: NameResolverOptions) {
    this.#channels = new DnsChannels({
      limitMs: lookupLimitMs ?? LOOKUP_LIMIT_MS,
      ownChannels: ownChannels ?? OWN_CHANNELS,
      serverCount: () => this.#resolvConf().serverCount,
    });
    this.#dns64 = new Dns64(() => this.#queryWithoutCache(IPV4_ONLY_NAME, 'AAAA'));
  }

  async resolve(name: string): Promise<ResolvedName> {
    const key = name.toLowerCase();
    this.#discardIfReconfigured();
    const local = localAddresses(key, this.#services().hasFiles ? this.#hosts() : null);
    if (local !== null) return this.#createResolvedName(key, local.map(asDirectAddress), null);
    const cached = await this.#cache.answerOf(key, () => this.#lookUp(key));
    const { answer, elapsedMs } = cached;
    if (answer.kind !== 'found') throw dnsFailure(answer.code, elapsedMs);
    return this.#createResolvedName(key, await this.#withJudgedAddresses(answer.addresses), cached);
  }

  hasAnsweredSince(time: number): boolean {
    return this.#answeredAt > time;
  }

  async probe(name: string): Promise<boolean> {
    this.#discardIfReconfigured();
    return this.#recordAnswer(await this.#queryWithoutCache(name, 'A'));
  }

  close(): void {
    this.#channels.close();
    this.#systemLookup.close();
  }

  /** Records the time of an answer. A server that fails or refuses has answered. */
  #recordAnswer(answer: DnsAnswer): boolean {
    const isAnswered = answer.kind !== 'failed' || isServerAnswer(answer.code);
    if (isAnswered) this.#answeredAt = performance.now();
    return isAnswered;
  }

  /**
   * Discards cached answers after a change of configuration: they may come from name servers that
   * are no longer used.
   */
  #discardIfReconfigured(): void {
    const current = [this.#resolvConf(), this.#services()];
    if (current.every((value, index) => value === this.#usedConfiguration[index])) return;
    this.#usedConfiguration = current;
    this.#cache.clear();
    this.#channels.reset();
    this.#dns64.reset();
  }

  async #lookUp(name: string): Promise<CachedAnswer> {
    await this.#lookupPace.acquire();
    const startedAt = performance.now();
    const channel = this.#channels.open();
    const { answer, late } = await queryCandidates(channel, candidatesOf(name, this.#resolvConf()));
    if (late === null) channel.release();
    this.#recordAnswer(answer);
    if (answer.kind === 'failed' && answer.code === 'ECONNREFUSED') assertCanOpen();
    const cached: CachedAnswer = {
      answer: answer.kind === 'denied' ? await this.#querySystem(name, answer) : answer,
      elapsedMs: performance.now() - startedAt,
      hasConnected: false,
    };
    if (late !== null) {
      channel.becomeLate();
      void late.then((other) => {
        cached.answer = mergeAnswers(cached.answer, other);
        channel.release();
      });
    }
    return cached;
  }

  /** Queries the other services of this system, which may know a name that DNS denies. */
  async #querySystem(name: string, denial: DnsAnswer): Promise<DnsAnswer> {
    if (!this.#services().hasOthers) return denial;
    const addresses = await this.#systemLookup.addressesOf(name);
    if (addresses.length === 0) return denial;
    return { kind: 'found', addresses, ttlSeconds: SYSTEM_TTL_SECONDS };
  }

  async #queryWithoutCache(name: string, type: RecordType): Promise<DnsAnswer> {
    const channel = this.#channels.open();
    try {
      return await channel.ask(name, type);
    } finally {
      channel.release();
    }
  }

  async #withJudgedAddresses(addresses: readonly string[]): Promise<readonly ResolvedAddress[]> {
    if (!addresses.some((address) => net.isIPv6(address))) return addresses.map(asDirectAddress);
    const prefixes = await this.#dns64.prefixes();
    return addresses.map((address) => ({
      address,
      judgedAs: embeddedIpv4(address, prefixes) ?? address,
    }));
  }

  #createResolvedName(
    name: string,
    found: readonly ResolvedAddress[],
    cached: CachedAnswer | null,
  ): ResolvedName {
    const byAddress = new Map(found.map((one) => [one.address, one]));
    const sorted = this.#addressOrder.sort(name, [...byAddress.keys()]);
    return {
      addresses: sorted.flatMap((address) => byAddress.get(address) ?? []),
      prefer: (address) => {
        this.#addressOrder.connected(name, address);
        if (cached !== null) cached.hasConnected = true;
      },
      avoid: (address) => {
        this.#addressOrder.failed(name, address);
      },
      drop: () => {
        if (cached?.hasConnected === true) this.#cache.drop(name, cached);
      },
    };
  }
}

/** Windows and macOS resolve names through their own services, which no file lists. */
function systemServices(text: string): NameServices {
  if (process.platform === 'linux') return parseNameServices(text);
  return { hasFiles: true, hasOthers: true };
}

function asDirectAddress(address: string): ResolvedAddress {
  return { address, judgedAs: address };
}
