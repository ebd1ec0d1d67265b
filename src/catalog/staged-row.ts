/** A row of a catalog that waits to be written as a part, and its columns there. */

/**
 * A catalog row with a valid id. `values` are in the order of the columns; absent ones at the end
 * are omitted.
 */
export interface StagedRow {
  /** Orders the rows of the catalog: a record with several URLs has several rows. */
  readonly row: number;
  readonly record: number;
  readonly line: number | null;
  readonly id: string;
  readonly url: string | null;
  /** The record's own id, and the column of the URL. */
  readonly object: string;
  readonly urlColumn: string | null;
  /** Where the catalog has several. */
  readonly file: string | null;
  readonly values: readonly (string | null | undefined)[];
}

/**
 * The columns of a part before those of the catalog, with their types, in the order of the fields
 * of {@link StagedRow}. Where `obj` is NULL, the record's own id is `id`.
 */
export const OWN_PART_COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['num', 'BIGINT'],
  ['rec', 'BIGINT'],
  ['lin', 'BIGINT'],
  ['id', 'VARCHAR'],
  ['url', 'VARCHAR'],
  ['obj', 'VARCHAR'],
  ['ucol', 'VARCHAR'],
  ['fil', 'VARCHAR'],
];
