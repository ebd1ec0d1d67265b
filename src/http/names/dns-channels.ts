/**
 * Which c-ares channel a look-up uses. Each look-up gets one of its own, because a channel derives
 * its time limit from earlier answers: after fast ones, a name that takes three seconds would be
 * asked for again every second and fail.
 */
import dns from 'node:dns';
import { isDenial } from './dns-failure';

/** The answer for one type of record, or for both. Codes are those of c-ares. */
export type DnsAnswer =
  | {
      readonly kind: 'found';
      readonly addresses: readonly string[];
      readonly ttlSeconds: number;
    }
  | { readonly kind: 'denied'; readonly code: string }
  | { readonly kind: 'failed'; readonly code: string };

export type RecordType = 'A' | 'AAAA';

/** One look-up's access to the name servers. */
export interface DnsChannel {
  /** Always resolves, at the latest when the look-up's time is over. */
  ask(name: string, type: RecordType): Promise<DnsAnswer>;
  /** The look-up has its answer; what is still asked for is given up when its channel is needed. */
  becomeLate(): void;
  release(): void;
}

export interface DnsChannelsOptions {
  /** The time limit of one look-up. */
  readonly limitMs: number;
  /**
   * Look-ups with a channel of their own; beyond them one channel is shared, to save file
   * descriptors.
   */
  readonly ownChannels: number;
  readonly serverCount: () => number;
}

/**
 * One server is asked twice; of several, the first one may be dead and must not cost the whole time
 * limit.
 */
const ONE_SERVER = { timeout: 5_000, tries: 2 };
const SEVERAL_SERVERS = { timeout: 2_000, tries: 3 };
const SHARED_TRIES = 10;

/**
 * How long a second type of record may stay out: less than the time after which c-ares asks again.
 */
const LATE_MS = 4_500;

export class DnsChannels {
  /** Channels in use that are not shared. */
  readonly #own = new Set<OpenChannel>();
  readonly #late = new Set<OpenChannel>();
  readonly #sharers = new Set<OpenChannel>();
  #shared: dns.promises.Resolver | null = null;

  constructor(private readonly options: DnsChannelsOptions) {}

  open(): DnsChannel {
    if (this.#own.size >= this.options.ownChannels) {
      const [oldestLate] = this.#late;
      oldestLate?.giveUp();
    }
    const isOwn = this.#own.size < this.options.ownChannels;
    const resolver = isOwn ? this.#create() : this.#sharedResolver();
    const channel = new OpenChannel(resolver, isOwn, this.options.limitMs, {
      late: () => this.#late.add(channel),
      released: () => {
        this.#own.delete(channel);
        this.#late.delete(channel);
        this.#sharers.delete(channel);
        if (!isOwn) this.#endShared();
      },
    });
    (isOwn ? this.#own : this.#sharers).add(channel);
    return channel;
  }

  /** Without it, queries that nobody waits for would be sent again for minutes, and keep the process alive. */
  #endShared(): void {
    if (this.#sharers.size > 0) return;
    this.#shared?.cancel();
    this.#shared = null;
  }

  /**
   * Channels read resolv.conf when they are created: the shared one must be created again after a
   * change.
   */
  reset(): void {
    this.#shared = null;
  }

  close(): void {
    for (const channel of [...this.#own]) channel.giveUp();
    this.#shared?.cancel();
    this.#shared = null;
  }

  #create(): dns.promises.Resolver {
    const isOne = this.options.serverCount() <= 1;
    return new dns.promises.Resolver(isOne ? ONE_SERVER : SEVERAL_SERVERS);
  }

  #sharedResolver(): dns.promises.Resolver {
    this.#shared ??= new dns.promises.Resolver({ ...ONE_SERVER, tries: SHARED_TRIES });
    return this.#shared;
  }
}

class OpenChannel implements DnsChannel {
  readonly #ended = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(
    private readonly resolver: dns.promises.Resolver,
    private readonly isOwn: boolean,
    limitMs: number,
    private readonly tell: { readonly late: () => void; readonly released: () => void },
  ) {
    this.#timer = setTimeout(() => {
      this.giveUp();
    }, limitMs);
  }

  ask(name: string, type: RecordType): Promise<DnsAnswer> {
    const { signal } = this.#ended;
    return new Promise((resolve) => {
      const giveUp = (): void => {
        resolve({ kind: 'failed', code: 'ETIMEOUT' });
      };
      if (signal.aborted) giveUp();
      else {
        signal.addEventListener('abort', giveUp, { once: true });
        void query(this.resolver, name, type).then((answer) => {
          signal.removeEventListener('abort', giveUp);
          resolve(answer);
        });
      }
    });
  }

  becomeLate(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.giveUp();
    }, LATE_MS);
    this.#timer.unref();
    if (this.isOwn) this.tell.late();
  }

  release(): void {
    clearTimeout(this.#timer);
    this.tell.released();
  }

  /** Ends all queries of this look-up and frees its socket. */
  giveUp(): void {
    this.#ended.abort();
    // Queries of other look-ups share the other kind of channel.
    if (this.isOwn) this.resolver.cancel();
    this.release();
  }
}

async function query(
  resolver: dns.promises.Resolver,
  name: string,
  type: RecordType,
): Promise<DnsAnswer> {
  try {
    const records = await (type === 'A'
      ? resolver.resolve4(name, { ttl: true })
      : resolver.resolve6(name, { ttl: true }));
    if (records.length === 0) return { kind: 'denied', code: 'ENODATA' };
    return {
      kind: 'found',
      addresses: records.map(({ address }) => address),
      ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)),
    };
  } catch (error) {
    const { code = 'EBADRESP' } = error as NodeJS.ErrnoException;
    return { kind: isDenial(code) ? 'denied' : 'failed', code };
  }
}
