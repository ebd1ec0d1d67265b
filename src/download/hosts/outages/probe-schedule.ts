/** When a host, or the network, that is down is asked again. */

/** Waits within a batch before each probe. **Units** of the lane's first pause (ARTEMIS_OUTAGE_SECONDS). */
const IN_BATCH = [1 / 15, 2 / 15, 4 / 15, 8 / 15];

/** Durable pauses of the lane after them. **Units** as above: 15 s, 1 min and 5 min by default. */
const OF_LANE = [1, 4, 20];

/** How many durable pauses there are before a host is given up. */
export const MOST_PAUSES = OF_LANE.length;

/** @returns the wait before probe `n` (from 0) of a batch; null when the lane is to be paused instead. **Units** ms. */
export function probeWaitMs(n: number, firstPauseMs: number): number | null {
  const share = IN_BATCH[n];
  return share === undefined ? null : share * firstPauseMs;
}

/** @returns the lane's pause after `pauses` earlier ones; null when there were enough. **Units** ms. */
export function lanePauseMs(
  pauses: number,
  {
    firstPauseMs,
    longestPauseMs,
  }: { readonly firstPauseMs: number; readonly longestPauseMs: number },
): number | null {
  const share = OF_LANE[pauses];
  return share === undefined ? null : Math.min(longestPauseMs, share * firstPauseMs);
}
