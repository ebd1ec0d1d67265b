/**
 * Waits for a condition, always with a deadline, and with a message that says what was waited for.
 */
import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  /**
   * The deadline in seconds. It ends tests that hang, and does not judge the speed of a machine.
   */
  readonly within: number;
  /** What is waited for, for the error. */
  readonly saying: string | (() => string);
  /** The pause between two checks in milliseconds. The default is 50. */
  readonly every?: number;
}

/**
 * Calls `look` until it returns anything but false, null and undefined, and returns that.
 *
 * @throws an Error that says what was waited for; the errors of `look`, at once.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  { within, saying, every = 50 }: Patience,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + within * 1_000;
  for (;;) {
    const found = await look();
    if (found !== false && found !== null && found !== undefined)
      return found as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) {
      const what = typeof saying === 'string' ? saying : saying();
      throw new Error(`waited without success, ${within} s, for ${what}`);
    }
    await delay(every);
  }
}
