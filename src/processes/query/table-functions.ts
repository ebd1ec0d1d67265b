/** The table functions that a query of a user may call. */

/**
 * Functions that compute rows from their arguments or from tables, and those that describe the
 * database. Anything else is refused, because a table function may do more than read: a SELECT from
 * `enable_logging` or `enable_profiling` changes the state of the whole database even when its
 * configuration is locked, `checkpoint` writes, `arrow_scan` takes addresses in memory, and `query`
 * and `json_execute_serialized_sql` call any of them by a text (DuckDB 1.5.5).
 */
const ALLOWED: ReadonlySet<string> = new Set([
  'duckdb_columns',
  'duckdb_constraints',
  'duckdb_functions',
  'duckdb_indexes',
  'duckdb_keywords',
  'duckdb_schemas',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'generate_series',
  'histogram',
  'histogram_values',
  'json_each',
  'json_tree',
  'pragma_database_size',
  'pragma_show',
  'pragma_storage_info',
  'pragma_table_info',
  'pragma_version',
  'query_table',
  'range',
  'repeat',
  'repeat_row',
  'summary',
  'unnest',
]);

/** A call in a query. */
export interface TableFunction {
  /** In lower case, as DuckDB compares names. */
  readonly name: string;
  /** The number of bytes before it. */
  readonly offset: number;
}

/**
 * @param node a part of what `json_serialize_sql` returns.
 * @returns the first call that is not allowed; null when there is none.
 */
export function refusedTableFunction(node: unknown): TableFunction | null {
  if (typeof node !== 'object' || node === null) return null;
  const { type, function: called } = node as Readonly<Record<string, unknown>>;
  if (type === 'TABLE_FUNCTION') {
    const { function_name, query_location } = called as Readonly<Record<string, unknown>>;
    const name = String(function_name).toLowerCase();
    if (!ALLOWED.has(name)) return { name, offset: Number(query_location) };
  }
  for (const child of Object.values(node)) {
    const found = refusedTableFunction(child);
    if (found !== null) return found;
  }
  return null;
}
