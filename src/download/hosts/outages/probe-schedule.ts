/** When a host or a network that is down is probed again. */

/**
 * Waits before each probe of a batch, in units of the lane's first pause (ARTEMIS_OUTAGE_SECONDS).
 */
const IN_BATCH = [1 / 15, 2 / 15, 4 / 15, 8 / 15];

/**
 * Durable pauses of the lane after these probes, in the same units: 15 s, 1 min and 5 min by
 * default.
 */
const OF_LANE = [1, 4, 20];

/** The number of durable pauses before a host is given up. */
export const MOST_PAUSES = OF_LANE.length;

/**
 * @returns the wait before probe `n` (counted from 0) of a batch, in milliseconds; null when the
 *   lane must pause instead.
 */
export function probeWaitMs(n: number, firstPauseMs: number): number | null {
  const share = IN_BATCH[n];
  return share === undefined ? null : share * firstPauseMs;
}

/**
 * @returns the lane's next pause after `pauses` earlier ones, in milliseconds; null when there were
 *   enough.
 */
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
