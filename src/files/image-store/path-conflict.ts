/**
 * The final path of an image, or a folder above it, is taken by something that is not an image of
 * this program.
 */
export class PathConflict extends Error {
  override readonly name = 'PathConflict';
}
