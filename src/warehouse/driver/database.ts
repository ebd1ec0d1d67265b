/** The one small interface through which the warehouse talks to DuckDB, whatever package implements it. */

/** What a value of a row may be. Integers beyond 2^53 and decimals come as text; timestamps as text in UTC. */
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

export interface Column {
  readonly name: string;
  /** As DuckDB writes it: "VARCHAR", "BIGINT". */
  readonly type: string;
}

export interface Result {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** One connection to one in-memory instance, to which files are attached. **Errors** DuckDB's own. */
export interface Database {
  run(sql: string, parameters?: readonly Value[]): Promise<void>;
  query(sql: string, parameters?: readonly Value[]): Promise<Result>;
  /** Adds rows to a table of the in-memory instance, values in the order of its columns. */
  append(table: string, rows: Iterable<readonly Value[]>): Promise<void>;
  /** Closes connection and instance; files that are still attached are let go when it resolves. */
  close(): Promise<void>;
}

/** The rows of a query. */
export async function rowsOf(
  database: Database,
  sql: string,
  parameters: readonly Value[] = [],
): Promise<readonly Row[]> {
  return (await database.query(sql, parameters)).rows;
}

/** The first row of a query that has one; an aggregate always does. */
export async function firstRow(
  database: Database,
  sql: string,
  parameters: readonly Value[] = [],
): Promise<Row> {
  return (await rowsOf(database, sql, parameters))[0] ?? {};
}

/** Text as an SQL string. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
