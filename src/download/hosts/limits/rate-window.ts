/** At most so many requests of a host in every window of one second, counted by when they may have arrived. */

/** **Units** ms. A little more than a second: clocks are not the same everywhere. */
export const WINDOW_MS = 1_010;

/** A request that is not answered yet has reached its host after so long. **Units** ms. */
export const LONGEST_WAY_MS = 250;

/** When a request may have reached the host: between being written to its socket and its answer. */
export interface RequestTime {
  sentAt: number | null;
  answeredAt: number | null;
}

export interface RateWindow {
  /** As of `performance.now()`; 0: at once. */
  nextAt(): number;
  take(): RequestTime;
}

/** `rateNow`: requests per second, at most `budget`; below one a second, one in `1/rate` seconds. Nobody before `opensAt`. */
export function createRateWindow(
  budget: number,
  rateNow: () => number,
  opensAt: number,
): RateWindow {
  const most = sizeOf(budget);
  const times: RequestTime[] = [];
  return {
    nextAt: () => {
      const rate = rateNow();
      const size = sizeOf(rate);
      const oldest = times[times.length - size];
      return oldest === undefined ? opensAt : arrivedBy(oldest) + WINDOW_MS * (size / rate);
    },
    take: () => {
      const time: RequestTime = { sentAt: null, answeredAt: null };
      times.push(time);
      if (times.length > most) times.shift();
      return time;
    },
  };
}

function sizeOf(rate: number): number {
  return Math.max(1, Math.floor(rate));
}

/** The latest moment at which it may have arrived. */
function arrivedBy({ sentAt, answeredAt }: RequestTime): number {
  const now = performance.now();
  return Math.min(answeredAt ?? now, (sentAt ?? now) + LONGEST_WAY_MS);
}
