/** The second driver, the package `duckdb-async`. It returns the same values as the first. */
import type { Database, Result, Row, Value } from '../database';
import { shortFloat } from '../../../duckdb/short-floats';
import { identifier, literal } from '../../../duckdb/sql-text';
import {
  loadDuckdbAsync,
  type AsyncConnection,
  type AsyncStatement,
  type ColumnType,
} from './duckdb-async-package';
import { exactText, isExact } from './exact-text';
import { jsonChunks } from './json-chunks';
import type { Settings } from '../node-api-driver';

/**
 * The error of an instance that could not close its file, or null. Such an instance keeps the file
 * open until it is garbage-collected. No further instance is opened after that because two
 * instances on one file in one process lose rows.
 */
let unclosedInstanceError: unknown = null;

/**
 * Opens an in-memory instance.
 *
 * @throws DriverMissing; DuckDB's errors; an Error when an earlier instance could not be closed.
 */
export async function openDuckdbAsync(settings: Settings): Promise<Database> {
  if (unclosedInstanceError !== null)
    throw new Error(
      'DuckDB could not be opened through duckdb-async: an earlier instance of this process did not let go of its file. Start the worker again.',
      { cause: unclosedInstanceError },
    );
  const instance = await loadDuckdbAsync().Database.create(':memory:', { ...settings });
  const connection = await instance.connect();
  return {
    run: (sql, parameters = []) => runStatement(connection, sql, parameters),
    query: (sql, parameters = []) => runQuery(connection, sql, parameters),
    append: (table, rows) => appendRows(connection, table, rows),
    close: async () => {
      await detachAll(connection);
      await connection.close();
      await instance.close();
    },
  };
}

/**
 * Rolls back and detaches all files. Closing the connection is not sufficient: a prepared statement
 * keeps the instance and its files open until it is garbage-collected.
 */
async function detachAll(connection: AsyncConnection): Promise<void> {
  // Fails when there is no transaction.
  await connection.exec('ROLLBACK').catch(() => undefined);
  try {
    const { rows } = await runQuery(
      connection,
      "SELECT database_name AS name FROM duckdb_databases() WHERE NOT internal AND database_name <> 'memory'",
      [],
    );
    await connection.exec('USE memory');
    for (const { name } of rows) await connection.exec(`DETACH ${identifier(String(name))}`);
  } catch (error) {
    unclosedInstanceError = error;
  }
}

async function runStatement(
  connection: AsyncConnection,
  sql: string,
  parameters: readonly Value[],
): Promise<void> {
  if (parameters.length === 0) return connection.exec(sql);
  await withStatement(connection, sql, (statement) => statement.all(...parameters));
}

async function withStatement<T>(
  connection: AsyncConnection,
  sql: string,
  operation: (statement: AsyncStatement) => Promise<T>,
): Promise<T> {
  const statement = await connection.prepare(sql);
  try {
    return await operation(statement);
  } finally {
    await statement.finalize();
  }
}

interface NamedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

function runQuery(
  connection: AsyncConnection,
  sql: string,
  parameters: readonly Value[],
): Promise<Result> {
  return withStatement(connection, sql, async (statement) => {
    const reported = statement.columns() ?? [];
    if (reported.some(({ type }) => type.id === 'UNKNOWN'))
      throw new Error(`The columns of this query depend on its parameters: cast them. ${sql}`);
    const columns = uniquelyNamed(reported);
    const hasNamesakes = new Set(reported.map(({ name }) => name)).size < reported.length;
    const rows =
      (await readExactly(connection, { sql, parameters, columns, hasNamesakes })) ??
      (await statement.all(...parameters));
    return {
      columns: columns.map(({ name, type }) => ({ name, type: typeName(type) })),
      rows: rows.map((row) => asRow(columns, row)),
    };
  });
}

/** The name of a column's type. The package reports JSON as a VARCHAR with another name. */
function typeName({ id, sql_type: name }: ColumnType): string {
  return id === 'VARCHAR' ? id : name;
}

/** Names columns with equal names like the first driver: "a", "a:1", "a:2". */
function uniquelyNamed(columns: readonly NamedColumn[]): readonly NamedColumn[] {
  const occurrences = new Map<string, number>();
  return columns.map(({ name, type }) => {
    const previous = occurrences.get(name) ?? 0;
    occurrences.set(name, previous + 1);
    return { name: previous === 0 ? name : `${name}:${previous}`, type };
  });
}

type RawRow = Readonly<Record<string, unknown>>;

/**
 * Runs a query as text if the package would lose a part of its values.
 *
 * @returns null when the values can be read directly, or when the statement is not a query
 *   (EXPLAIN, INSERT … RETURNING). Nothing was executed in this case.
 */
async function readExactly(
  connection: AsyncConnection,
  request: {
    readonly sql: string;
    readonly parameters: readonly Value[];
    readonly columns: readonly NamedColumn[];
    /** The package returns two columns with the same name as one. */
    readonly hasNamesakes: boolean;
  },
): Promise<readonly RawRow[] | null> {
  const { sql, parameters, columns, hasNamesakes } = request;
  if (columns.every(({ type }) => isExact(type)) && !hasNamesakes) return null;
  const aliases = columns.map((_, index) => `c${index}`);
  const exactColumns = columns.map(
    ({ type }, index) => `${exactText(`c${index}`, type)} AS c${index}`,
  );
  const wrapped = `SELECT ${exactColumns.join(', ')} FROM (\n${sql.replace(/;\s*$/, '')}\n) AS asked (${aliases.join(', ')})`;
  const statement = await connection.prepare(wrapped).catch(() => null);
  if (statement === null) return null;
  try {
    const rows = await statement.all(...parameters);
    return rows.map((row) =>
      Object.fromEntries(columns.map(({ name }, index) => [name, row[`c${index}`]])),
    );
  } finally {
    await statement.finalize();
  }
}

function asRow(columns: readonly NamedColumn[], row: RawRow): Row {
  const cells = columns.map(({ name, type }): [string, Value] => {
    const value = asValue(row[name]);
    return [name, type.id === 'FLOAT' && typeof value === 'number' ? shortFloat(value) : value];
  });
  return Object.fromEntries(cells);
}

function asValue(value: unknown): Value {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'string':
    case 'boolean':
      return value;
    default:
      return value === null || value === undefined ? null : asJson(value);
  }
}

/**
 * Converts intervals, and values of statements that cannot be wrapped in a query. The `micros` of
 * an interval are a 64-bit integer.
 */
function asJson(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) =>
    typeof part === 'bigint' || key === 'micros' ? String(part) : part,
  );
}

/**
 * Appends rows. The package has no appender, so rows are passed as JSON, which DuckDB converts to
 * the types of the columns.
 */
async function appendRows(
  connection: AsyncConnection,
  table: string,
  rows: Iterable<readonly Value[]>,
): Promise<void> {
  const { rows: columns } = await runQuery(
    connection,
    `SELECT data_type FROM duckdb_columns()
     WHERE database_name = 'memory' AND schema_name = 'main' AND table_name = ? ORDER BY column_index`,
    [table],
  );
  const shape = JSON.stringify([
    Object.fromEntries(columns.map(({ data_type: type }, index) => [index, type])),
  ]);
  const sql = `INSERT INTO memory.main.${table}
    SELECT unnest(json_transform_strict(?::JSON, ${literal(shape)}), recursive := true)`;
  await withStatement(connection, sql, async (statement) => {
    for (const chunk of jsonChunks(rows)) await statement.all(chunk);
  });
}
