/**
 * The order in which progress records were made: by the parent and by its children, before and
 * after a reset.
 */

/**
 * The number of a record that comes after the given ones: the server's time in milliseconds, or one
 * more than the highest given number where the time has not advanced. Only the order counts. A
 * counter would start again at the point to which a run is reset, and the disk would refuse the
 * records after that as older.
 *
 * @see Lamport 1978 (logical clocks), with the physical time as a lower bound as in Kulkarni et al.
 *   2014 (hybrid logical clocks).
 */
export function sequenceAfter(...before: readonly number[]): number {
  return Math.max(Date.now(), ...before.map((sequence) => sequence + 1));
}
