/**
 * Stages ledger lines in the in-memory instance, ready to be written, while the warehouse is
 * closed.
 */
import type { Database, Value } from '../driver/database';
import type { AppliedPrefix, TailPart } from './ledger-tail';
import type { FactColumn, LocatedLine } from '../schema/fact-columns';
import type { WarehouseContext } from '../warehouse-context';

/** A part of a ledger to be staged, and where it comes from. */
export interface StagedPart {
  readonly ledger: string;
  readonly runId: string;
  readonly part: TailPart;
}

/**
 * Replaces `memory.main.incoming` (rows of `fact_download`) and `memory.main.applied` (rows of
 * `etl_commit`).
 */
export async function stageOutcomes(
  { database, schema }: WarehouseContext,
  parts: readonly StagedPart[],
): Promise<void> {
  await stageFacts(database, 'incoming', schema.factColumns, linesOfParts(parts));
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.applied (ledger VARCHAR, run_id VARCHAR, byte_count BIGINT, digest VARCHAR, row_count BIGINT)`,
  );
  const latestByLedger = new Map(
    parts.map(({ ledger, runId, part }) => [ledger, { runId, ...part.applied }]),
  );
  await database.append('applied', [...latestByLedger].map(appliedRow));
}

/**
 * Replaces `memory.main.<name>` by a table with one row per line.
 *
 * @param columns the columns of `fact_download` that the program writes.
 */
export async function stageFacts(
  database: Database,
  name: string,
  columns: readonly FactColumn[],
  lines: Iterable<LocatedLine>,
): Promise<void> {
  const raw = columns.map((column) => `${column.name} ${rawType(column)}`);
  await database.run(`CREATE OR REPLACE TABLE memory.main.${name}_raw (${raw.join(', ')})`);
  await database.append(`${name}_raw`, rowsOfLines(columns, lines));
  const typed = columns.map((column) => `${castExpression(column)} AS ${column.name}`);
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.${name} AS SELECT ${typed.join(', ')} FROM memory.main.${name}_raw`,
  );
  await database.run(`DROP TABLE memory.main.${name}_raw`);
}

/** The appender accepts integers as BIGINT and times as text. */
function rawType({ type }: FactColumn): string {
  if (type === 'INTEGER') return 'BIGINT';
  return type === 'TIMESTAMP' ? 'VARCHAR' : type;
}

function castExpression({ name, type }: FactColumn): string {
  if (type === 'TIMESTAMP') return `TRY_CAST(${name} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'`;
  return type === 'INTEGER' ? `${name}::INTEGER` : name;
}

function* rowsOfLines(
  columns: readonly FactColumn[],
  lines: Iterable<LocatedLine>,
): Generator<readonly Value[]> {
  for (const line of lines) yield columns.map(({ valueOf }) => valueOf(line) ?? null);
}

function appliedRow([ledger, row]: readonly [string, AppliedPrefix & { runId: string }]): Value[] {
  return [ledger, row.runId, row.byteCount, row.digest, row.rowCount];
}

function* linesOfParts(parts: readonly StagedPart[]): Generator<LocatedLine> {
  for (const { ledger, runId, part } of parts) {
    for (const { line, number } of part.lines) yield { line, runId, ledger, number };
  }
}
