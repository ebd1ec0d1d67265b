/**
 * The interface through which the warehouse uses DuckDB, independent of the package that implements
 * it.
 */

/** A value in a row. Integers beyond 2^53 and decimals are text, and so are timestamps, in UTC. */
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

export interface Column {
  readonly name: string;
  /** The type as DuckDB writes it: "VARCHAR", "BIGINT". */
  readonly type: string;
}

export interface Result {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/**
 * One connection to one in-memory instance to which files are attached. All methods throw DuckDB's
 * errors.
 */
export interface Database {
  run(sql: string, parameters?: readonly Value[]): Promise<void>;
  query(sql: string, parameters?: readonly Value[]): Promise<Result>;
  /**
   * Appends rows to a table of the in-memory instance. Values are in the order of the table's
   * columns.
   */
  append(table: string, rows: Iterable<readonly Value[]>): Promise<void>;
  /**
   * Closes the connection and the instance. When it resolves, files that were still attached are
   * closed.
   */
  close(): Promise<void>;
}

/** Runs a query and returns its rows. */
export async function rowsOf(
  database: Database,
  sql: string,
  parameters: readonly Value[] = [],
): Promise<readonly Row[]> {
  return (await database.query(sql, parameters)).rows;
}

/** Runs a query and returns its first row. A query without rows gives an empty row. */
export async function firstRow(
  database: Database,
  sql: string,
  parameters: readonly Value[] = [],
): Promise<Row> {
  return (await rowsOf(database, sql, parameters))[0] ?? {};
}
