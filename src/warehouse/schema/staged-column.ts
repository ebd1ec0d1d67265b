/** A column of a table of facts, and its value in a ledger line. */
import type { Value } from '../driver/database';

/** A line and its position. */
export interface LocatedLine<Line> {
  readonly line: Line;
  readonly runId: string;
  /** Path of the ledger, relative to the data root. */
  readonly ledger: string;
  /** Number of the line in the ledger, from 1. */
  readonly number: number;
}

export interface StagedColumn<Line> {
  readonly name: string;
  /** How the value is made of what was appended; see staged-outcomes.ts. */
  readonly type:
    | 'VARCHAR'
    | 'BOOLEAN'
    | 'INTEGER'
    | 'BIGINT'
    | 'TIMESTAMP'
    | 'FLOAT'
    | 'BASE64'
    | 'BITS'
    | 'PALETTE';
  /**
   * The value in a line, or undefined (stored as NULL) if the line lacks it. A TIMESTAMP is ISO
   * 8601 text in UTC, a FLOAT is a decimal as text, BASE64 are bytes, BITS is a BIGINT as text,
   * PALETTE is a list of structs as DuckDB writes them.
   */
  readonly valueOf: (located: LocatedLine<Line>) => Value | undefined;
}
