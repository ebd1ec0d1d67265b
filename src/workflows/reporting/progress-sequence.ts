/** In which order records of progress were made: by the parent, by its children, before and after a reset. */

/**
 * The number of a record that comes after those given: the server's time, or one more where that has not moved on.
 * A counter would begin again where a reset goes back to, and the disk would refuse what comes then as older.
 *
 * **Units** ms since the epoch, about; only the order counts.
 * **Source** Lamport 1978 (logical clocks), with the physical time as a lower bound as in Kulkarni et al. 2014 (hybrid ones).
 */
export function sequenceAfter(...before: readonly number[]): number {
  return Math.max(Date.now(), ...before.map((sequence) => sequence + 1));
}
