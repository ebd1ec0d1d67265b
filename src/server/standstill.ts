/**
 * Notices that this process stood still: its machine slept, its container was frozen, or it was
 * stopped. Connections that did not answer meanwhile are no sign that the server is gone.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isSilence } from './is-silence';

/**
 * The interval of the checks, and the delay of a check that shows that the process stood still, in
 * milliseconds. A busy process may delay a check too, but by less.
 */
const TICK_MS = 500;
const LATE_MS = 2_000;

/**
 * The time in milliseconds for which questions are repeated after a standstill, and the pause
 * between them.
 */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1_000;

export class StandstillWatch {
  private lastTick = Date.now();
  private endedAt = Number.NEGATIVE_INFINITY;
  private readonly timer = setInterval(() => {
    this.tick();
  }, TICK_MS).unref();

  /**
   * Asks again when no answer came and this process has stood still less than a minute ago.
   *
   * @throws the errors of `ask`.
   */
  async ask<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        // Called before the timer fires, because a connection may report its failure first.
        this.tick();
        if (!isSilence(error) || Date.now() - this.endedAt > PATIENCE_MS) throw error;
        await delay(PAUSE_MS);
      }
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = Date.now();
    if (now - this.lastTick > LATE_MS) this.endedAt = now;
    this.lastTick = now;
  }
}
