/** How DuckDB writes what is kept while a catalog is read. */

/**
 * Options of COPY for parts, which are read once. Dictionaries cost half of the time of writing,
 * and zstd at its lowest level makes smaller files without them than the default does with them.
 */
export const PART_FORMAT =
  '(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 1)';

/**
 * Options of COPY for `catalog.parquet`. Only columns of few values get a dictionary: one that
 * outgrows its limit was made for nothing.
 */
export const CATALOG_FORMAT = '(FORMAT parquet, COMPRESSION zstd, DICTIONARY_SIZE_LIMIT 2000)';
