/** Waiting for a condition: never without a deadline, and never without words when it was in vain. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  /** **Units** seconds. It ends what hangs; how quick a machine is, it does not judge. */
  readonly within: number;
  /** What was waited for, for the error. */
  readonly saying: string | (() => string);
  /** Between two looks. **Units** ms. Default: 50. */
  readonly every?: number;
}

/**
 * Looks until the look finds something, and returns it: anything but false, null and undefined.
 *
 * **Errors** with what was waited for; those of a look, at once.
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
      throw new Error(`waited in vain, ${within} s, for ${what}`);
    }
    await delay(every);
  }
}
