/**
 * There is no snapshot, or it must not be read in its current state. The message says what to do.
 */
export class NoSnapshot extends Error {
  override readonly name = 'NoSnapshot';
}
