/** A file of a catalog, which may be packed. */
export interface PackedFile {
  /** Real path. */
  readonly file: string;
  /** As the input gives it, for messages. */
  readonly name: string;
  /** The file inside a zip archive; absent: the only one that can be the catalog. */
  readonly member?: string | undefined;
  /**
   * Called with the number of bytes that follow the last member of gzip, unless they are padding.
   * They are not read.
   */
  readonly onRest?: ((bytes: number) => void) | undefined;
}
