/** A file, or a folder as one. **Units** bytes; `path` relative to the data root. */
export interface Prunable {
  readonly path: string;
  readonly bytes: number;
}
