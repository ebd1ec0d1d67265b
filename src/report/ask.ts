/** Questions to the snapshot, and their answers. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { jsonWithShortFloats } from '../duckdb/short-floats';

/** A value of an answer. Numbers beyond 2^53 and times are texts. */
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

/** A query, and where a reader can change it and run it again. */
export interface Question {
  readonly sql: string;
  /** The address of a page that runs the query; absent in a report, which is a file of its own. */
  readonly sqlPage?: string;
}

/** Rows, or why there are none: the snapshot is older than the question. */
export type Answer =
  (Question & { readonly rows: readonly Row[] }) | (Question & { readonly problem: string });

export type Ask = (sql: string) => Promise<Answer>;

/** @returns a function that never fails: a section without an answer says why, and others stand. */
export function askOn(connection: DuckDBConnection): Ask {
  return async (sql) => {
    try {
      const result = await connection.runAndReadAll(sql);
      return { sql, rows: result.convertRowObjects(jsonWithShortFloats) as Row[] };
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
