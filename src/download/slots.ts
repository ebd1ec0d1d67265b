/**
 * How many entries a batch works on at once. An entry that only waits releases its slot to another
 * one in the meantime.
 */

export interface Slots {
  /** Waits for a slot for a new entry. */
  take(): Promise<void>;
  /** No new entry is accepted at present. */
  isFull(): boolean;
  /** No entry returns from a wait at present. */
  isQuiet(): boolean;
  /** An entry has ended and returns its slot. */
  give(): void;
  /** Runs `wait` without holding a slot. Entries that return from a wait precede new ones. */
  releaseWhile<T>(wait: () => Promise<T>): Promise<T>;
}

/** Creates slots for `most` entries at work, and `mostWaiting` entries that wait beside them. */
export function createSlots(most: number, mostWaiting: number): Slots {
  let atWork = 0;
  let waiting = 0;
  const returning: (() => void)[] = [];
  const entering: (() => void)[] = [];
  const wake = (): void => {
    while (atWork < most) {
      const next =
        returning.shift() ?? (atWork + waiting < most + mostWaiting ? entering.shift() : null);
      if (!next) return;
      atWork += 1;
      next();
    }
  };
  return {
    take: () =>
      new Promise((resolve) => {
        entering.push(resolve);
        wake();
      }),
    isFull: () => atWork + waiting >= most + mostWaiting,
    isQuiet: () => returning.length === 0,
    give: () => {
      atWork -= 1;
      wake();
    },
    releaseWhile: async (wait) => {
      atWork -= 1;
      waiting += 1;
      wake();
      try {
        return await wait();
      } finally {
        await new Promise<void>((resolve) => {
          returning.push(() => {
            waiting -= 1;
            resolve();
          });
          wake();
        });
      }
    },
  };
}
