/**
 * Keeps answers of name servers while they are valid, and lets several callers share a look-up in
 * progress.
 */
import { isServerAnswer, type DnsAnswer } from './dns-channels';

/** How long a denial is valid. */
const DENIED_MS = 5_000;

/**
 * How long a failure is valid: the first one briefly, so that the next try of an image queries
 * again, and each further one twice as long. Silence is valid for as long as it took, within these
 * limits. An answer that came late is not: on a busy machine it would cost an image all its tries.
 */
const SHORTEST_FAILURE_MS = 200;
const LONGEST_FAILURE_MS = 2_000;

/** Limits on the TTL of an answer. A TTL of 0 is respected: the answer is not cached. */
const SHORTEST_TTL_SECONDS = 1;
const LONGEST_TTL_SECONDS = 3_600;

const MAX_NAMES = 100_000;

export interface CachedAnswer {
  answer: DnsAnswer;
  /** The duration of the look-up. */
  readonly elapsedMs: number;
  /** True when one of the addresses has accepted a connection. */
  hasConnected: boolean;
}

interface Entry {
  readonly cached: CachedAnswer;
  readonly expiresAt: number;
  /** Consecutive failures, including this one. */
  readonly failures: number;
}

/** A bounded cache: the oldest answer is removed first. */
export class NameCache {
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Map<string, Promise<CachedAnswer>>();

  constructor(private readonly mostNames = MAX_NAMES) {}

  /** Returns the cached answer, the answer of a look-up in progress, or the answer of `lookUp`. */
  async answerOf(name: string, lookUp: () => Promise<CachedAnswer>): Promise<CachedAnswer> {
    const known = this.#entries.get(name);
    if (known !== undefined && known.expiresAt > performance.now()) return known.cached;
    const joined = this.#pending.get(name);
    if (joined !== undefined) return joined;
    const lookup = lookUp();
    this.#pending.set(name, lookup);
    try {
      const cached = await lookup;
      // After clear() the answer came from name servers that are no longer in use.
      if (this.#pending.get(name) === lookup) this.#store(name, cached);
      return cached;
    } finally {
      if (this.#pending.get(name) === lookup) this.#pending.delete(name);
    }
  }

  /** Removes an answer unless a newer one has replaced it. */
  drop(name: string, cached: CachedAnswer): void {
    if (this.#entries.get(name)?.cached === cached) this.#entries.delete(name);
  }

  clear(): void {
    this.#entries.clear();
    this.#pending.clear();
  }

  #store(name: string, cached: CachedAnswer): void {
    const earlierFailures = this.#entries.get(name)?.failures ?? 0;
    this.#entries.delete(name);
    const failures = cached.answer.kind === 'failed' ? earlierFailures + 1 : 0;
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
    const silentMs = isServerAnswer(answer.code) ? 0 : elapsedMs;
    return Math.min(LONGEST_FAILURE_MS, Math.max(backoffMs, silentMs));
  }
  if (answer.ttlSeconds === 0) return 0;
  const seconds = Math.max(answer.ttlSeconds, SHORTEST_TTL_SECONDS);
  return Math.min(seconds, LONGEST_TTL_SECONDS) * 1_000;
}
