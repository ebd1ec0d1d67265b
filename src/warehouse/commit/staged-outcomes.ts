/**
 * Stages ledger lines in the in-memory instance, ready to be written, while the warehouse is
 * closed.
 */
import type { Database, Value } from '../driver/database';
import type { AppliedPrefix, TailPart } from './ledger-tail';
import type { LocatedLine, StagedColumn } from '../schema/staged-column';

/** A part of a ledger to be staged, and where it comes from. */
export interface StagedPart<Line> {
  readonly ledger: string;
  readonly runId: string;
  readonly part: TailPart<Line>;
}

/**
 * Replaces `memory.main.<name>` (rows of a table of facts) and `memory.main.applied` (rows of
 * `etl_commit`).
 */
export async function stageParts<Line>(
  database: Database,
  { name, columns }: StagedTable<Line>,
  parts: readonly StagedPart<Line>[],
): Promise<void> {
  await stageFacts(database, { name, columns }, linesOfParts(parts));
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.applied (ledger VARCHAR, run_id VARCHAR, byte_count BIGINT, digest VARCHAR, row_count BIGINT)`,
  );
  const latestByLedger = new Map(
    parts.map(({ ledger, runId, part }) => [ledger, { runId, ...part.applied }]),
  );
  await database.append('applied', [...latestByLedger].map(appliedRow));
}

/** A table of the in-memory instance, and the columns that the program writes. */
export interface StagedTable<Line> {
  readonly name: string;
  readonly columns: readonly StagedColumn<Line>[];
}

/** Replaces `memory.main.<name>` by a table with one row per line. */
export async function stageFacts<Line>(
  database: Database,
  { name, columns }: StagedTable<Line>,
  lines: Iterable<LocatedLine<Line>>,
): Promise<void> {
  const raw = columns.map((column) => `${column.name} ${STAGING[column.type].raw}`);
  await database.run(`CREATE OR REPLACE TABLE memory.main.${name}_raw (${raw.join(', ')})`);
  await database.append(`${name}_raw`, rowsOfLines(columns, lines));
  const typed = columns.map(
    (column) => `${STAGING[column.type].cast(column.name)} AS ${column.name}`,
  );
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.${name} AS SELECT ${typed.join(', ')} FROM memory.main.${name}_raw`,
  );
  await database.run(`DROP TABLE memory.main.${name}_raw`);
}

/** How a value is appended, and the SQL expression that makes the column's value of it. */
interface Staging {
  readonly raw: 'VARCHAR' | 'BOOLEAN' | 'BIGINT';
  readonly cast: (name: string) => string;
}

/**
 * The appender accepts integers as BIGINT, and everything that JavaScript has no value for as text.
 */
const STAGING: Readonly<Record<StagedColumn<never>['type'], Staging>> = {
  VARCHAR: { raw: 'VARCHAR', cast: (name) => name },
  BOOLEAN: { raw: 'BOOLEAN', cast: (name) => name },
  BIGINT: { raw: 'BIGINT', cast: (name) => name },
  INTEGER: { raw: 'BIGINT', cast: (name) => `${name}::INTEGER` },
  TIMESTAMP: {
    raw: 'VARCHAR',
    cast: (name) => `TRY_CAST(${name} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'`,
  },
  FLOAT: { raw: 'VARCHAR', cast: (name) => `${name}::FLOAT` },
  BASE64: { raw: 'VARCHAR', cast: (name) => `from_base64(${name})` },
  BITS: { raw: 'VARCHAR', cast: (name) => `${name}::BIGINT` },
  PALETTE: {
    raw: 'VARCHAR',
    cast: (name) => `${name}::STRUCT(l FLOAT, a FLOAT, b FLOAT, share FLOAT)[]`,
  },
};

function* rowsOfLines<Line>(
  columns: readonly StagedColumn<Line>[],
  lines: Iterable<LocatedLine<Line>>,
): Generator<readonly Value[]> {
  for (const line of lines) yield columns.map(({ valueOf }) => valueOf(line) ?? null);
}

function appliedRow([ledger, row]: readonly [string, AppliedPrefix & { runId: string }]): Value[] {
  return [ledger, row.runId, row.byteCount, row.digest, row.rowCount];
}

function* linesOfParts<Line>(parts: readonly StagedPart<Line>[]): Generator<LocatedLine<Line>> {
  for (const { ledger, runId, part } of parts) {
    for (const { line, number } of part.lines) yield { line, runId, ledger, number };
  }
}
