/**
 * Assigns c-ares channels to look-ups. Each look-up has a channel of its own, because a channel
 * derives its time limit from earlier answers: after fast answers, the query for a name that takes
 * three seconds would be repeated every second and fail.
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

/** Codes of c-ares that a server's answer causes. */
const SERVER_ANSWER_CODES: ReadonlySet<string> = new Set([
  'ESERVFAIL',
  'EREFUSED',
  'ENOTIMP',
  'EFORMERR',
]);

/** Whether a failure with this code is what a server answered, and not its silence. */
export function isServerAnswer(code: string): boolean {
  return SERVER_ANSWER_CODES.has(code);
}

export type RecordType = 'A' | 'AAAA';

/** One look-up's access to the name servers. */
export interface DnsChannel {
  /** Always resolves, at the latest at the time limit of the look-up. */
  ask(name: string, type: RecordType): Promise<DnsAnswer>;
  /**
   * The look-up has its answer; its remaining query is cancelled when another look-up needs the
   * channel.
   */
  becomeLate(): void;
  release(): void;
}

export interface DnsChannelsOptions {
  /** The time limit of one look-up. */
  readonly limitMs: number;
  /**
   * How many look-ups have a channel of their own; further ones share one channel, to save file
   * descriptors.
   */
  readonly ownChannels: number;
  readonly serverCount: () => number;
}

/**
 * A single server is queried twice. With several servers, a dead first one must not use up the
 * whole time limit.
 */
const ONE_SERVER = { timeout: 5_000, tries: 2 };
const SEVERAL_SERVERS = { timeout: 2_000, tries: 3 };
const SHARED_TRIES = 10;

/**
 * How long the second type of record may be outstanding: less than the time after which c-ares
 * repeats a query.
 */
const MAX_LATE_MS = 4_500;

export class DnsChannels {
  /** Channels in use that are not shared. */
  readonly #ownChannels = new Set<OpenChannel>();
  readonly #lateChannels = new Set<OpenChannel>();
  readonly #sharers = new Set<OpenChannel>();
  #sharedChannel: dns.promises.Resolver | null = null;

  constructor(private readonly options: DnsChannelsOptions) {}

  open(): DnsChannel {
    if (this.#ownChannels.size >= this.options.ownChannels) {
      const [oldestLate] = this.#lateChannels;
      oldestLate?.giveUp();
    }
    const isOwn = this.#ownChannels.size < this.options.ownChannels;
    const resolver = isOwn ? this.#createResolver() : this.#sharedResolver();
    const channel = new OpenChannel(resolver, isOwn, this.options.limitMs, {
      late: () => this.#lateChannels.add(channel),
      released: () => {
        this.#ownChannels.delete(channel);
        this.#lateChannels.delete(channel);
        this.#sharers.delete(channel);
        if (!isOwn) this.#endShared();
      },
    });
    (isOwn ? this.#ownChannels : this.#sharers).add(channel);
    return channel;
  }

  /**
   * Cancels the shared channel when its last user is done. Otherwise abandoned queries would be
   * repeated for minutes and keep the process alive.
   */
  #endShared(): void {
    if (this.#sharers.size > 0) return;
    this.#sharedChannel?.cancel();
    this.#sharedChannel = null;
  }

  /**
   * Called after a change of resolv.conf. A channel reads that file when it is created, so the
   * shared channel must be created again.
   */
  reset(): void {
    this.#sharedChannel = null;
  }

  close(): void {
    for (const channel of [...this.#ownChannels]) channel.giveUp();
    this.#sharedChannel?.cancel();
    this.#sharedChannel = null;
  }

  #createResolver(): dns.promises.Resolver {
    const hasOneServer = this.options.serverCount() <= 1;
    return new dns.promises.Resolver(hasOneServer ? ONE_SERVER : SEVERAL_SERVERS);
  }

  #sharedResolver(): dns.promises.Resolver {
    this.#sharedChannel ??= new dns.promises.Resolver({ ...ONE_SERVER, tries: SHARED_TRIES });
    return this.#sharedChannel;
  }
}

class OpenChannel implements DnsChannel {
  readonly #cancelled = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(
    private readonly resolver: dns.promises.Resolver,
    private readonly isOwn: boolean,
    limitMs: number,
    private readonly listeners: { readonly late: () => void; readonly released: () => void },
  ) {
    this.#timer = setTimeout(() => {
      this.giveUp();
    }, limitMs);
  }

  ask(name: string, type: RecordType): Promise<DnsAnswer> {
    const { signal } = this.#cancelled;
    return new Promise((resolve) => {
      const giveUp = (): void => {
        resolve({ kind: 'failed', code: 'ETIMEOUT' });
      };
      if (signal.aborted) giveUp();
      else {
        signal.addEventListener('abort', giveUp, { once: true });
        void queryRecords(this.resolver, name, type).then((answer) => {
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
    }, MAX_LATE_MS);
    this.#timer.unref();
    if (this.isOwn) this.listeners.late();
  }

  release(): void {
    clearTimeout(this.#timer);
    this.listeners.released();
  }

  /** Cancels all queries of this look-up and closes its socket. */
  giveUp(): void {
    this.#cancelled.abort();
    // A shared channel also carries queries of other look-ups.
    if (this.isOwn) this.resolver.cancel();
    this.release();
  }
}

async function queryRecords(
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
