/**
 * Answers of name servers for as long as they hold, and look-ups under way that several callers
 * wait for.
 */
import type { DnsAnswer } from './dns-channels';

/** How long a denial holds. */
const DENIED_MS = 5_000;

/**
 * How long a failure holds: the first one briefly, so that the next try of an image asks again, and
 * each further one twice as long. A failure that took long itself holds as long as it took, within
 * these limits.
 */
const SHORTEST_FAILURE_MS = 200;
const LONGEST_FAILURE_MS = 2_000;

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
  /** Failures in a row, this one included. */
  readonly failures: number;
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
    const before = this.#entries.get(name)?.failures ?? 0;
    this.#entries.delete(name);
    const failures = cached.answer.kind === 'failed' ? before + 1 : 0;
    const lifetimeMs = lifetimeOf(cached, failures);
    if (lifetimeMs === 0) return;
    this.#entries.set(name, { cached, expiresAt: performance.now() + lifetimeMs, failures });
    if (this.#entries.size <= this.mostNames) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

function lifetimeOf({ answer, elapsedMs }: CachedAnswer, failures: number): number {
  if (answer.kind === 'denied') return DENIED_MS;
  if (answer.kind === 'failed') {
    const backoffMs = SHORTEST_FAILURE_MS * 2 ** (failures - 1);
    return Math.min(LONGEST_FAILURE_MS, Math.max(backoffMs, elapsedMs));
  }
  if (answer.ttlSeconds === 0) return 0;
  const seconds = Math.max(answer.ttlSeconds, SHORTEST_TTL_SECONDS);
  return Math.min(seconds, LONGEST_TTL_SECONDS) * 1_000;
}
