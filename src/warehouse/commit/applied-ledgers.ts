/** How far each ledger is applied, and the rest of the ledgers in transactions. */
import type { LedgerFile } from '../../files/ledger/ledger-reader';
import type { Database } from '../driver/database';
import { rowsOf } from '../driver/database';
import type { WarehouseContext } from '../warehouse-context';
import { NOTHING_APPLIED, readTail, type AppliedPrefix, type ParseLine } from './ledger-tail';
import type { StagedPart } from './staged-outcomes';

/** What the lines of a kind of ledgers are. */
export interface LedgerKind<Line> {
  readonly parse: ParseLine<Line>;
  readonly linesPerTransaction: number;
}

/** `applied` is by path of the ledger. */
export interface LedgersToApply {
  readonly ledgers: readonly LedgerFile[];
  readonly applied: ReadonlyMap<string, AppliedPrefix>;
}

/** Records what is applied, in the transaction that adds the rows of `memory.main.applied`. */
export const RECORD_APPLIED = `INSERT INTO etl_commit BY NAME
   SELECT ledger, run_id, byte_count, digest, row_count, now() AT TIME ZONE 'UTC' AS committed_at
   FROM memory.main.applied
   ON CONFLICT (ledger) DO UPDATE SET byte_count = excluded.byte_count, digest = excluded.digest,
     row_count = excluded.row_count, committed_at = excluded.committed_at`;

/** How far the ledgers of these runs are applied, by path of the ledger. */
export async function readApplied(
  database: Database,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, AppliedPrefix>> {
  if (runIds.length === 0) return new Map();
  const rows = await rowsOf(
    database,
    `SELECT ledger, byte_count, digest, row_count FROM etl_commit WHERE run_id IN (${runIds.map(() => '?').join(', ')})`,
    runIds,
  );
  return new Map(
    rows.map((row) => [
      String(row.ledger),
      {
        byteCount: Number(row.byte_count),
        digest: String(row.digest),
        rowCount: Number(row.row_count),
      },
    ]),
  );
}

/** Groups parts of ledgers into transactions. */
export async function* groupIntoTransactions<Line>(
  { dataRoot, log }: WarehouseContext,
  { parse, linesPerTransaction }: LedgerKind<Line>,
  { ledgers, applied: appliedByLedger }: LedgersToApply,
): AsyncGenerator<readonly StagedPart<Line>[]> {
  let parts: StagedPart<Line>[] = [];
  let lines = 0;
  for (const ledger of ledgers) {
    const applied = appliedByLedger.get(ledger.path) ?? NOTHING_APPLIED;
    if (ledger.bytes === applied.byteCount) continue;
    for await (const part of readTail({
      dataRoot,
      ledger: ledger.path,
      applied,
      partLines: linesPerTransaction,
      parse,
    })) {
      if (part.unparsable.length > 0)
        log.warn({ ledger: ledger.path, lines: part.unparsable.slice(0, 10) }, 'unparsable lines');
      if (lines + part.lines.length > linesPerTransaction) {
        yield parts;
        parts = [];
        lines = 0;
      }
      parts.push({ ledger: ledger.path, runId: ledger.runId, part });
      lines += part.lines.length;
    }
  }
  if (parts.length > 0) yield parts;
}
