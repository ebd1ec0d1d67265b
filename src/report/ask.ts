/** Questions to the snapshot, and their answers. */
import type { DuckDBConnection } from '@duckdb/node-api';

/** A value of an answer. Numbers beyond 2^53 and times are texts. */
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

/** Rows, or why there are none: the snapshot is older than the question. */
export type Answer =
  | { readonly sql: string; readonly rows: readonly Row[] }
  | { readonly sql: string; readonly problem: string };

export type Ask = (sql: string) => Promise<Answer>;

/** @returns a function that never fails: a section without an answer says why, and others stand. */
export function askOn(connection: DuckDBConnection): Ask {
  return async (sql) => {
    try {
      const result = await connection.runAndReadAll(sql);
      return { sql, rows: result.getRowObjectsJson() as Row[] };
    } catch (error) {
      return { sql, problem: error instanceof Error ? error.message : String(error) };
    }
  };
}

/** The first row of an answer; null when there is none. */
export function firstRow(answer: Answer): Row | null {
  return 'rows' in answer ? (answer.rows[0] ?? null) : null;
}

/** A count or an amount; 0 where it is absent. */
export function numberIn(row: Row | null, column: string): number {
  return Number(row?.[column] ?? 0);
}
