/** Writes all rows of a query to a file. */
import path from 'node:path';
import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import { identifier, literal } from '../../duckdb/sql-text';
import { harmlessText } from '../harmless-text';
import { RESULT_NAME, type QueryJob, type SqlFormat } from '../sql/sql-job';

type FileJob = Extract<QueryJob, { readonly kind: 'file' }>;

const OPTIONS: Readonly<Record<SqlFormat, string>> = {
  csv: 'FORMAT csv, HEADER true',
  ndjson: 'FORMAT json',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
};

/**
 * The query is known to be a single SELECT, so it can stand in brackets as a subquery.
 *
 * @throws the errors of DuckDB, also when the file is larger than the process may write.
 */
export async function writeResultFile(
  connection: DuckDBConnection,
  { sql, format }: FileJob,
  prepared: DuckDBPreparedStatement,
): Promise<void> {
  const query = `(\n${sql.replace(/;\s*$/, '')}\n)`;
  const source = format === 'csv' ? harmlessRows(query, prepared) : `FROM ${query}`;
  const file = literal(path.join(process.cwd(), RESULT_NAME));
  await connection.run(`COPY (${source}) TO ${file} (${OPTIONS[format]}, USE_TMP_FILE false)`);
}

/** Columns are named by their numbers in between, because a query may give one name to several. */
function harmlessRows(query: string, prepared: DuckDBPreparedStatement): string {
  const numbers = Array.from({ length: prepared.columnCount }, (_, index) => index);
  const cells = numbers.map((n) => {
    const isText = String(prepared.columnType(n)) === 'VARCHAR';
    return `${isText ? harmlessText(`c${n}`) : `c${n}`} AS ${identifier(prepared.columnName(n))}`;
  });
  const names = numbers.map((n) => `c${n}`);
  return `SELECT ${cells.join(', ')} FROM ${query} AS result(${names.join(', ')})`;
}
