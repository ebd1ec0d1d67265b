/** How many entries a batch works on at once. One that only waits releases its slot to another one meanwhile. */

export interface Slots {
  /** Waits for a slot for a new entry. */
  take(): Promise<void>;
  /** An entry has ended: gives its slot back. */
  give(): void;
  /** Runs `work`, which only waits, without a slot. Entries that come back go before new ones. */
  releaseWhile<T>(work: () => Promise<T>): Promise<T>;
}

/** **Units** entries: `most` at work, and `mostWaiting` waiting beside them. */
export function createSlots(most: number, mostWaiting: number): Slots {
  let atWork = 0;
  let waiting = 0;
  const returning: (() => void)[] = [];
  const fresh: (() => void)[] = [];
  const wake = (): void => {
    while (atWork < most) {
      const next =
        returning.shift() ?? (atWork + waiting < most + mostWaiting ? fresh.shift() : null);
      if (!next) return;
      atWork += 1;
      next();
    }
  };
  return {
    take: () =>
      new Promise((resolve) => {
        fresh.push(resolve);
        wake();
      }),
    give: () => {
      atWork -= 1;
      wake();
    },
    releaseWhile: async (work) => {
      atWork -= 1;
      waiting += 1;
      wake();
      try {
        return await work();
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
