/** Ledger lines in the in-memory instance, ready to be written: the warehouse is not open meanwhile. */
import type { LedgerLine } from '../contract/outcome';
import type { Database, Value } from './database';
import type { Applied, TailPart } from './ledger-tail';
import { FACT_COLUMNS } from './schema';

/** A part of a ledger that is staged, and where it comes from. */
export interface StagedPart {
  readonly ledger: string;
  readonly runId: string;
  readonly part: TailPart;
}

/** Replaces `memory.main.incoming` (the columns of `fact_download`) and `memory.main.applied`. */
export async function stageOutcomes(
  database: Database,
  parts: readonly StagedPart[],
): Promise<void> {
  await stageFacts(database, 'incoming', rowsOfParts(parts));
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.applied (ledger VARCHAR, run_id VARCHAR, byte_count BIGINT, digest VARCHAR, row_count BIGINT)`,
  );
  const last = new Map(
    parts.map(({ ledger, runId, part }) => [ledger, { runId, ...part.applied }]),
  );
  await database.append('applied', [...last].map(appliedRow));
}

/** Replaces `memory.main.<name>`: these rows, as {@link factRow} makes them, with the columns of `fact_download`. */
export async function stageFacts(
  database: Database,
  name: string,
  rows: Iterable<readonly Value[]>,
): Promise<void> {
  const raw = FACT_COLUMNS.map(([column, type]) => `${column} ${rawType(type)}`);
  await database.run(`CREATE OR REPLACE TABLE memory.main.${name}_raw (${raw.join(', ')})`);
  await database.append(`${name}_raw`, rows);
  const typed = FACT_COLUMNS.map(([column, type]) => `${castTo(type, column)} AS ${column}`);
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.${name} AS SELECT ${typed.join(', ')} FROM memory.main.${name}_raw`,
  );
  await database.run(`DROP TABLE memory.main.${name}_raw`);
}

/** The appender takes integers as BIGINT and times as text. */
function rawType(type: string): string {
  if (type.includes('INTEGER')) return 'BIGINT';
  return type.includes('TIMESTAMP') ? 'VARCHAR' : type;
}

function castTo(type: string, column: string): string {
  if (type.includes('TIMESTAMP')) return `TRY_CAST(${column} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'`;
  return type.includes('INTEGER') ? `${column}::INTEGER` : column;
}

function appliedRow([ledger, row]: readonly [string, Applied & { runId: string }]): Value[] {
  return [ledger, row.runId, row.byteCount, row.digest, row.rowCount];
}

function* rowsOfParts(parts: readonly StagedPart[]): Generator<readonly Value[]> {
  for (const { ledger, runId, part } of parts) {
    for (const { line, number } of part.lines) yield factRow(line, runId, ledger, number);
  }
}

/** What parsing vouches for, and what may be there. */
type MaybeLine = Partial<LedgerLine> & Pick<LedgerLine, 'id' | 'urlHash' | 'outcome'>;

/** A ledger line as a row, in the order of FACT_COLUMNS. Fields of a line that an older or newer program wrote may be absent: NULL. */
export function factRow(line: MaybeLine, runId: string, ledger: string, number: number): Value[] {
  return [
    runId,
    line.id,
    line.outcome,
    line.code ?? null,
    line.retryable ?? null,
    line.path ?? null,
    line.bytes ?? null,
    line.sha256 ?? null,
    line.width ?? null,
    line.height ?? null,
    line.format ?? null,
    line.verdict ?? null,
    line.status ?? null,
    line.etag ?? null,
    line.lastModified ?? null,
    line.finalHost ?? null,
    line.requests ?? null,
    line.detail ?? null,
    line.urlHash,
    ledger,
    number,
    line.execution ?? '',
    line.dispatch ?? 0,
    line.attempt ?? 0,
    line.at ?? null,
  ];
}
