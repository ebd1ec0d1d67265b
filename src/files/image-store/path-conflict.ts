/** The final path, or a folder above it, is taken by something that is no image of ours. */
export class PathConflict extends Error {
  override readonly name = 'PathConflict';
}
