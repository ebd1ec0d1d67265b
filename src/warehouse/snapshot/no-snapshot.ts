/** There is nothing to read, or nothing that may be read as it stands. The message says what to do. */
export class NoSnapshot extends Error {
  override readonly name = 'NoSnapshot';
}
