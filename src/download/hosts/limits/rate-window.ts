/**
 * Limits the requests of a host in every window of one second, counted by when they may have
 * arrived.
 */

/** In milliseconds. Slightly more than a second, because clocks run at different speeds. */
export const WINDOW_MS = 1_010;

/** An unanswered request is assumed to have reached its host after this time. In milliseconds. */
export const LONGEST_WAY_MS = 250;

/** When a request may have reached the host: between being written to its socket and its answer. */
export interface RequestTime {
  sentAt: number | null;
  answeredAt: number | null;
}

export interface RateWindow {
  /** A time of `performance.now()`; 0 when a request may be sent at once. */
  nextAt(): number;
  take(): RequestTime;
}

/**
 * `rateNow` returns requests per second, at most `budget`. A rate below one allows one request in
 * `1/rate` seconds. No request may be sent before `opensAt`.
 */
export function createRateWindow(
  budget: number,
  rateNow: () => number,
  opensAt: number,
): RateWindow {
  const most = requestsPerWindow(budget);
  const times: RequestTime[] = [];
  return {
    nextAt: () => {
      const rate = rateNow();
      const size = requestsPerWindow(rate);
      const oldest = times[times.length - size];
      return oldest === undefined ? opensAt : latestArrival(oldest) + WINDOW_MS * (size / rate);
    },
    take: () => {
      const time: RequestTime = { sentAt: null, answeredAt: null };
      times.push(time);
      if (times.length > most) times.shift();
      return time;
    },
  };
}

function requestsPerWindow(rate: number): number {
  return Math.max(1, Math.floor(rate));
}

/** The latest time at which the request may have arrived. */
function latestArrival({ sentAt, answeredAt }: RequestTime): number {
  const now = performance.now();
  return Math.min(answeredAt ?? now, (sentAt ?? now) + LONGEST_WAY_MS);
}
