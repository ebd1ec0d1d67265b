/**
 * A file, or a folder as one item. `path` is relative to the data root, and `bytes` is its size.
 */
export interface Prunable {
  readonly path: string;
  readonly bytes: number;
}
