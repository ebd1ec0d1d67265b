/** Reads the first rows of a query as texts, within limits. */
import type { DuckDBPreparedStatement, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { withShortFloats } from '../../duckdb/short-floats';
import { MOST_CELL, MOST_CHARACTERS, MOST_ROWS, MOST_VALUES, type SqlRows } from '../sql/sql-job';

/** The query ends with its process, so what it would return further is never computed. */
export async function readFirstRows(prepared: DuckDBPreparedStatement): Promise<SqlRows> {
  const result = await prepared.stream();
  const types = result.columnTypes();
  const columns = result.columnNames().map((name, index) => ({ name, type: String(types[index]) }));
  const mostRows = Math.min(MOST_ROWS, Math.max(1, Math.floor(MOST_VALUES / columns.length)));
  const rows: (string | null)[][] = [];
  let characters = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0)
      return { kind: 'rows', columns, rows, isCut: false };
    for (const values of chunk.getRows()) {
      const row = values.map((value, index) => textOf(value, types[index]));
      characters += row.reduce((sum, text) => sum + (text?.length ?? 0), 0);
      if (rows.length >= mostRows || characters > MOST_CHARACTERS)
        return { kind: 'rows', columns, rows, isCut: true };
      rows.push(row);
    }
  }
}

function textOf(value: DuckDBValue, type: DuckDBType | undefined): string | null {
  if (value === null) return null;
  const text = String(type === undefined ? value : withShortFloats(value, type));
  return text.length <= MOST_CELL ? text : `${text.slice(0, MOST_CELL)}…`;
}
