/**
 * Answers of name servers for as long as they hold, and look-ups under way that several callers
 * wait for.
 */
import type { DnsAnswer } from './dns-channels';

/** How long an answer without addresses holds. */
const DENIED_MS = 5_000;
const FAILED_MS = 2_000;

/** Limits on what a name server says. A TTL of 0 is honoured: its answer is not cached. */
const SHORTEST_TTL_SECONDS = 1;
const LONGEST_TTL_SECONDS = 3_600;

const MOST_NAMES = 100_000;

export interface CachedAnswer {
  answer: DnsAnswer;
  /** How long the look-up took. */
  readonly elapsedMs: number;
  /** An address of it has accepted a connection. */
  hasConnected: boolean;
}

interface Entry {
  readonly cached: CachedAnswer;
  readonly expiresAt: number;
}

/** Bounded: the oldest answer leaves first. */
export class NameCache {
  readonly #entries = new Map<string, Entry>();
  readonly #underWay = new Map<string, Promise<CachedAnswer>>();

  constructor(private readonly mostNames = MOST_NAMES) {}

  /** The cached answer, that of a look-up under way, or that of `lookUp`. */
  async answerOf(name: string, lookUp: () => Promise<CachedAnswer>): Promise<CachedAnswer> {
    const known = this.#entries.get(name);
    if (known !== undefined && known.expiresAt > performance.now()) return known.cached;
    const joined = this.#underWay.get(name);
    if (joined !== undefined) return joined;
    const asked = lookUp();
    this.#underWay.set(name, asked);
    try {
      const cached = await asked;
      // After clear() the answer came from name servers that are no longer in use.
      if (this.#underWay.get(name) === asked) this.#store(name, cached);
      return cached;
    } finally {
      if (this.#underWay.get(name) === asked) this.#underWay.delete(name);
    }
  }

  /** Forgets an answer, unless a newer one has taken its place. */
  drop(name: string, cached: CachedAnswer): void {
    if (this.#entries.get(name)?.cached === cached) this.#entries.delete(name);
  }

  clear(): void {
    this.#entries.clear();
    this.#underWay.clear();
  }

  #store(name: string, cached: CachedAnswer): void {
    this.#entries.delete(name);
    const lifetimeMs = lifetimeOf(cached.answer);
    if (lifetimeMs === 0) return;
    this.#entries.set(name, { cached, expiresAt: performance.now() + lifetimeMs });
    if (this.#entries.size <= this.mostNames) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

function lifetimeOf(answer: DnsAnswer): number {
  if (answer.kind !== 'found') return answer.kind === 'denied' ? DENIED_MS : FAILED_MS;
  if (answer.ttlSeconds === 0) return 0;
  const seconds = Math.max(answer.ttlSeconds, SHORTEST_TTL_SECONDS);
  return Math.min(seconds, LONGEST_TTL_SECONDS) * 1_000;
}
