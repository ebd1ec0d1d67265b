/**
 * The share of a run in which the lock of the warehouse is held, from the times of its commits in ms.
 *
 * Computed as in src/workflows/commit-pause.ts: commits are `every` seconds apart, or further, up to
 * a minute, where the lock would otherwise be held for more than 1 % of the time.
 */
export function heldShare(held, every) {
  const seconds = held.map((ms) => Math.max(every, Math.min(60, ms / 10)));
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  return Number((sum(held) / 1_000 / sum(seconds)).toFixed(4));
}
