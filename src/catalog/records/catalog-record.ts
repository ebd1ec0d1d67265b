/** One record of a catalog, as every reader delivers it. */

export interface RowPlace {
  readonly record: number;
  readonly line: number | null;
}

/** The cells of a record, in the order of the catalog's columns; absent ones are undefined. */
export interface CatalogRecord extends RowPlace {
  readonly values: readonly (string | null | undefined)[];
  /** Columns whose value is a JSON boolean, array or object here; null: none. */
  readonly noIds: ReadonlySet<number> | null;
}
