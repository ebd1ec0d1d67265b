/** How many entries a batch works on at once. One that only waits (a backoff, its host) gives its place to another one meanwhile. */

export interface Places {
  /** Waits for a place for a new entry. */
  take(): Promise<void>;
  /** An entry has ended. */
  give(): void;
  /** Does `work`, which only waits, without a place; who comes back goes before who is new. */
  rest<T>(work: () => Promise<T>): Promise<T>;
}

/** **Units** entries: at work, and at rest beside them. */
export function createPlaces(most: number, mostAtRest: number): Places {
  let atWork = 0;
  let atRest = 0;
  const back: (() => void)[] = [];
  const fresh: (() => void)[] = [];
  const wake = (): void => {
    while (atWork < most) {
      const next = back.shift() ?? (atWork + atRest < most + mostAtRest ? fresh.shift() : null);
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
    rest: async (work) => {
      atWork -= 1;
      atRest += 1;
      wake();
      try {
        return await work();
      } finally {
        await new Promise<void>((resolve) => {
          back.push(() => {
            atRest -= 1;
            resolve();
          });
          wake();
        });
      }
    },
  };
}
