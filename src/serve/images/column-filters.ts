/** Filters of images by columns of the catalog, which are whatever the catalog has. */
import { identifier, literal } from '../../duckdb/sql-text';

export interface ColumnFilter {
  readonly column: string;
  /** Empty for the rows that have no text in this column. */
  readonly value: string;
}

/** In front of the name of a column, in the name of a parameter of the address. */
const PREFIX = 'catalog.';

/** The most characters of a value that is a filter: an address has at most 4,000. */
export const MOST_FILTER_VALUE = 300;

/** @returns the name of the parameter of an address that filters by the column. */
export function columnParameter(column: string): string {
  return `${PREFIX}${column}`;
}

/**
 * @returns the filters of an address in the order of their columns. The first of a column counts.
 */
export function columnFiltersIn(parameters: URLSearchParams): readonly ColumnFilter[] {
  const names = new Set([...parameters.keys()].filter((name) => name.startsWith(PREFIX)));
  return [...names].sort().map((name) => ({
    column: name.slice(PREFIX.length),
    value: parameters.get(name) ?? '',
  }));
}

/**
 * The condition of the rows of the catalog, as SQL over the relation `catalog_row`.
 *
 * @param columns the columns that the catalog has. No row has a value in any other column.
 */
export function rowCondition(filters: readonly ColumnFilter[], columns: readonly string[]): string {
  const parts = filters.map(({ column, value }) => {
    if (!columns.includes(column)) return 'false';
    const name = identifier(column);
    return value === '' ? `coalesce(${name}, '') = ''` : `${name} = ${literal(value)}`;
  });
  return parts.join(' AND ');
}
