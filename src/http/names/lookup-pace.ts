/**
 * Limits the rate of look-ups, because home routers and public resolvers drop queries during
 * bursts.
 */

/** Look-ups per second, and how many may start at once. */
const PER_SECOND = 500;
const BURST = 32;

/** A token bucket. It does not depend on answers, only on its own rate. */
export class LookupPace {
  #tokens = BURST;
  #refilledAt = performance.now();
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** Resolves when the look-up may start, in the order of the calls. */
  acquire(): Promise<void> {
    this.#refill();
    if (this.#waiting.length === 0 && this.#tokens >= 1) {
      this.#tokens -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  #refill(): void {
    const now = performance.now();
    const earned = ((now - this.#refilledAt) * PER_SECOND) / 1_000;
    this.#tokens = Math.min(BURST, this.#tokens + earned);
    this.#refilledAt = now;
  }

  #schedule(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#refill();
      const count = Math.floor(this.#tokens);
      this.#tokens -= Math.min(count, this.#waiting.length);
      for (const resolve of this.#waiting.splice(0, count)) resolve();
      if (this.#waiting.length > 0) this.#schedule();
    }, 10);
  }
}
