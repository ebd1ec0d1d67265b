/** How DuckDB writes what is kept while a catalog is read. */

/**
 * Options of COPY for parts, which are read once. Dictionaries cost half of the time of writing,
 * and zstd at its lowest level makes smaller files without them than the default does with them.
 * With a limit of 1, columns of one value have dictionaries, each of which takes a megabyte.
 */
export const PART_FORMAT =
  '(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 0)';

/** A group of rows is in memory while it is written, so wide rows form smaller groups. */
const CELLS_OF_GROUP = 1 << 23;
const MOST_ROWS_OF_GROUP = 122_880;
/** DuckDB writes whole vectors of rows. */
const VECTOR_ROWS = 2_048;

/** While a group is written, the dictionary of a column takes more than a megabyte. */
const MOST_COLUMNS_WITH_DICTIONARY = 100;

/**
 * Returns the options of COPY for `catalog.parquet`. Only columns of few values get a dictionary:
 * one that outgrows its limit was made for nothing.
 *
 * @param width the number of columns.
 */
export function catalogFormat(width: number): string {
  const vectors = Math.floor(CELLS_OF_GROUP / width / VECTOR_ROWS);
  const rows = Math.min(MOST_ROWS_OF_GROUP, Math.max(vectors, 1) * VECTOR_ROWS);
  const values = width > MOST_COLUMNS_WITH_DICTIONARY ? 0 : 2_000;
  return `(FORMAT parquet, COMPRESSION zstd, DICTIONARY_SIZE_LIMIT ${values}, ROW_GROUP_SIZE ${rows})`;
}
