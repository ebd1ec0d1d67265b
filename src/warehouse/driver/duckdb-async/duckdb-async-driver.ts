/** The second driver: the package `duckdb-async`. Gives the same values as the first. */
import type { Database, Result, Row, Value } from '../database';
import { identifier, literal } from '../database';
import {
  loadDuckdbAsync,
  type AsyncConnection,
  type AsyncStatement,
  type ColumnType,
} from './duckdb-async-package';
import { exactText, isWhole } from './exact-text';
import { jsonChunks } from './json-chunks';
import type { Settings } from '../node-api-driver';

/**
 * An instance that could not let go of a file keeps it open until its memory is collected. Nothing is opened any more then:
 * two instances on one file in one process lose rows.
 */
let stuck: unknown = null;

/** Opens an in-memory instance. **Errors** DriverMissing; DuckDB's own; an Error when a former instance could not be closed. */
export async function openDuckdbAsync(settings: Settings): Promise<Database> {
  if (stuck !== null)
    throw new Error(
      'DuckDB could not be opened through duckdb-async: an earlier instance of this process did not let go of its file. Start the worker again.',
      { cause: stuck },
    );
  const instance = await loadDuckdbAsync().Database.create(':memory:', { ...settings });
  const connection = await instance.connect();
  return {
    run: (sql, parameters = []) => run(connection, sql, parameters),
    query: (sql, parameters = []) => query(connection, sql, parameters),
    append: (table, rows) => append(connection, table, rows),
    close: async () => {
      await letGo(connection);
      await connection.close();
      await instance.close();
    },
  };
}

/** Closing is not enough: a statement that was prepared keeps the instance, and its files, open until memory is collected. */
async function letGo(connection: AsyncConnection): Promise<void> {
  // Refused when there is no transaction to end.
  await connection.exec('ROLLBACK').catch(() => undefined);
  try {
    const { rows } = await query(
      connection,
      "SELECT database_name AS name FROM duckdb_databases() WHERE NOT internal AND database_name <> 'memory'",
      [],
    );
    await connection.exec('USE memory');
    for (const { name } of rows) await connection.exec(`DETACH ${identifier(String(name))}`);
  } catch (error) {
    stuck = error;
  }
}

async function run(
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
  work: (statement: AsyncStatement) => Promise<T>,
): Promise<T> {
  const statement = await connection.prepare(sql);
  try {
    return await work(statement);
  } finally {
    await statement.finalize();
  }
}

interface NamedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

function query(
  connection: AsyncConnection,
  sql: string,
  parameters: readonly Value[],
): Promise<Result> {
  return withStatement(connection, sql, async (statement) => {
    const given = statement.columns() ?? [];
    if (given.some(({ type }) => type.id === 'UNKNOWN'))
      throw new Error(`The columns of this query depend on its parameters: cast them. ${sql}`);
    const columns = uniquelyNamed(given);
    const names = columns.map(({ name }) => name);
    const hasNamesakes = new Set(given.map(({ name }) => name)).size < given.length;
    const rows =
      (await readExactly(connection, { sql, parameters, columns, hasNamesakes })) ??
      (await statement.all(...parameters));
    return {
      columns: columns.map(({ name, type }) => ({ name, type: typeName(type) })),
      rows: rows.map((row) => asRow(names, row)),
    };
  });
}

/** JSON is a VARCHAR by another name. */
function typeName({ id, sql_type: name }: ColumnType): string {
  return id === 'VARCHAR' ? id : name;
}

/** As the first driver names columns of one name: "a", "a:1", "a:2". */
function uniquelyNamed(columns: readonly NamedColumn[]): readonly NamedColumn[] {
  const seen = new Map<string, number>();
  return columns.map(({ name, type }) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return { name: before === 0 ? name : `${name}:${before}`, type };
  });
}

type RawRow = Readonly<Record<string, unknown>>;

/**
 * The rows of a query of which the package would lose something, asked for as text; null when it can be read as it is,
 * and when it is no query (EXPLAIN, INSERT … RETURNING): then nothing was run.
 */
async function readExactly(
  connection: AsyncConnection,
  asked: {
    readonly sql: string;
    readonly parameters: readonly Value[];
    readonly columns: readonly NamedColumn[];
    /** Two columns of one name come as one. */
    readonly hasNamesakes: boolean;
  },
): Promise<readonly RawRow[] | null> {
  const { sql, parameters, columns, hasNamesakes } = asked;
  if (columns.every(({ type }) => isWhole(type)) && !hasNamesakes) return null;
  const short = columns.map((_, index) => `c${index}`);
  const exact = columns.map(({ type }, index) => `${exactText(`c${index}`, type)} AS c${index}`);
  const wrapped = `SELECT ${exact.join(', ')} FROM (\n${sql.replace(/;\s*$/, '')}\n) AS asked (${short.join(', ')})`;
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

function asRow(names: readonly string[], row: RawRow): Row {
  return Object.fromEntries(names.map((name) => [name, asValue(row[name])]));
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

/** Intervals; and what came with a statement that could not be asked for text. Of an interval, `micros` are a 64-bit integer. */
function asJson(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) =>
    typeof part === 'bigint' || key === 'micros' ? String(part) : part,
  );
}

/** The package has no appender: rows go over as JSON, which DuckDB turns into the columns' types. */
async function append(
  connection: AsyncConnection,
  table: string,
  rows: Iterable<readonly Value[]>,
): Promise<void> {
  const { rows: columns } = await query(
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
