/** The default driver, `@duckdb/node-api`. */
import {
  DuckDBInstance,
  DuckDBTypeId,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBResultReader,
  type Json,
} from '@duckdb/node-api';
import '../../duckdb/keep-byte-order-marks';
import { jsonWithShortFloats } from '../../duckdb/short-floats';
import type { Column, Database, Result, Value } from './database';

/** Settings of an instance, by DuckDB's names. */
export type Settings = Readonly<Record<string, string>>;

/**
 * Opens an in-memory instance.
 *
 * @throws DuckDB's errors.
 */
export async function openNodeApi(settings: Settings): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', { ...settings });
  const connection = await instance.connect();
  return {
    run: async (sql, parameters = []) => {
      await connection.run(sql, [...parameters]);
    },
    query: async (sql, parameters = []) =>
      asResult(await connection.runAndReadAll(sql, [...parameters])),
    append: (table, rows) => appendRows(connection, table, rows),
    close: () => {
      connection.closeSync();
      instance.closeSync();
      return Promise.resolve();
    },
  };
}

async function appendRows(
  connection: DuckDBConnection,
  table: string,
  rows: Iterable<readonly Value[]>,
): Promise<void> {
  const appender = await connection.createAppender(table, 'main', 'memory');
  for (const row of rows) {
    for (const value of row) appendValue(appender, value);
    appender.endRow();
  }
  appender.closeSync();
}

function appendValue(appender: DuckDBAppender, value: Value): void {
  if (value === null) appender.appendNull();
  else if (typeof value === 'boolean') appender.appendBoolean(value);
  else if (typeof value === 'number') appender.appendBigInt(BigInt(value));
  else appender.appendVarchar(value);
}

function asResult(reader: DuckDBResultReader): Result {
  const types = reader.columnTypes();
  const columns: readonly Column[] = reader
    .deduplicatedColumnNames()
    .map((name, index) => ({ name, type: String(types[index]) }));
  const isInteger = types.map(({ typeId }) => LARGE_INTEGER_TYPES.has(typeId));
  const rows = reader.convertRows(jsonWithShortFloats).map((values) => {
    const cells = values.map((value, index): [string, Value] => [
      columns[index]?.name ?? '',
      asValue(value, isInteger[index] ?? false),
    ]);
    return Object.fromEntries(cells);
  });
  return { columns, rows };
}

const LARGE_INTEGER_TYPES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
]);

/**
 * The package returns 64-bit integers as text. Those that a number represents exactly become
 * numbers.
 */
function asValue(value: Json, isInteger: boolean): Value {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'string') return JSON.stringify(value);
  if (isInteger && Number.isSafeInteger(Number(value))) return Number(value);
  return value;
}
