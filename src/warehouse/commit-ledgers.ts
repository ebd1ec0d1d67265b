/** Applies ledgers to the warehouse: one transaction per 100 k lines, what was applied noted in the same. */
import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { CommitLedgersInput, CommitLedgersResult } from '../contract/payloads';
import { listLedgers, type LedgerFile } from '../files/ledger-reader';
import { readRun } from '../files/run-records';
import { dataRootPaths } from '../files/data-root';
import { inTransaction, withAttached } from './attached-warehouse';
import type { Database } from './database';
import { rowsOf } from './database';
import { FACT_COLUMNS } from './schema';
import { NOTHING_APPLIED, readTail, type Applied } from './ledger-tail';
import { countRun } from './run-counts';
import { TIMESTAMP } from './record-run';
import { stageOutcomes, type StagedPart } from './staged-outcomes';
import { findImagesThatLostFiles, flagDownloaded } from './downloaded-flag';

/** An UPDATE of more rows at once is pathological (design: 600 k of 1 M rows took a minute). **Units** lines. */
const LINES_A_TRANSACTION = 100_000;

export interface WarehouseContext {
  readonly database: Database;
  readonly dataRoot: string;
  readonly log: Logger;
}

/**
 * Applies what lies beyond the bytes applied before.
 *
 * **Idempotency** by construction: a repeated, overlapping or unacknowledged commit changes nothing.
 * **Errors** StepError `ledger_changed`, db_*, disk_*.
 */
export async function commitLedgers(
  context: WarehouseContext,
  { runId }: CommitLedgersInput,
): Promise<CommitLedgersResult> {
  const ledgers = listLedgers({ root: context.dataRoot, runId });
  const seen = await readApplied(context, ledgers);
  let lockHeldMs = seen.lockHeldMs;
  let applied = 0;
  let touched = 0;
  for await (const parts of chunks(context, ledgers, seen.value)) {
    const { value, lockHeldMs: held } = await writeParts(context, parts);
    applied += value;
    touched += new Set(parts.map(({ ledger }) => ledger)).size;
    lockHeldMs += held;
  }
  const counted = await countIfAsked(context, runId);
  return {
    applied,
    ledgers: touched,
    ...counted.value,
    lockHeldMs: lockHeldMs + counted.lockHeldMs,
  };
}

/** What the warehouse has of these ledgers; nothing is opened when there is no warehouse, or nothing to ask. */
async function readApplied(
  context: WarehouseContext,
  ledgers: readonly LedgerFile[],
): Promise<{ readonly value: ReadonlyMap<string, Applied>; readonly lockHeldMs: number }> {
  const nothing = { value: new Map<string, Applied>(), lockHeldMs: 0 };
  const { warehouse } = dataRootPaths(context.dataRoot);
  if (ledgers.length === 0 || !fs.existsSync(warehouse)) return nothing;
  return withAttached({
    ...context,
    work: async () => {
      const runs = [...new Set(ledgers.map((ledger) => ledger.runId))];
      const rows = await rowsOf(
        context.database,
        `SELECT ledger, byte_count, digest, row_count FROM etl_commit WHERE run_id IN (${runs.map(() => '?').join(', ')})`,
        runs,
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
    },
  });
}

/** Parts of ledgers, gathered to transactions. */
async function* chunks(
  { dataRoot, log }: WarehouseContext,
  ledgers: readonly LedgerFile[],
  seen: ReadonlyMap<string, Applied>,
): AsyncGenerator<readonly StagedPart[]> {
  let parts: StagedPart[] = [];
  let lines = 0;
  for (const ledger of ledgers) {
    const applied = seen.get(ledger.path) ?? NOTHING_APPLIED;
    if (ledger.bytes === applied.byteCount) continue;
    const file = path.join(dataRoot, ledger.path);
    for await (const part of readTail({
      file,
      ledger: ledger.path,
      applied,
      partLines: LINES_A_TRANSACTION,
    })) {
      if (part.unparsable.length > 0)
        log.warn({ ledger: ledger.path, lines: part.unparsable.slice(0, 10) }, 'unparsable lines');
      if (lines + part.lines.length > LINES_A_TRANSACTION) {
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

async function writeParts(
  context: WarehouseContext,
  parts: readonly StagedPart[],
): Promise<{ readonly value: number; readonly lockHeldMs: number }> {
  const { database } = context;
  await stageOutcomes(database, parts);
  return withAttached({
    ...context,
    work: async () => {
      await findImagesThatLostFiles(database);
      await inTransaction(database, async () => {
        await ensureRuns(context, new Set(parts.map(({ runId }) => runId)));
        await insertFacts(database);
        await flagDownloaded(database);
      });
      return parts.reduce((sum, { part }) => sum + part.lines.length, 0);
    },
  });
}

async function insertFacts(database: Database): Promise<void> {
  const values = FACT_COLUMNS.map(([name, type]) =>
    type.startsWith('TIMESTAMP') ? `(TRY_CAST(${name} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')` : name,
  );
  await database.run(
    `INSERT INTO fact_download SELECT ${values.join(', ')} FROM memory.main.incoming`,
  );
  await database.run(
    `INSERT INTO etl_commit
     SELECT ledger, run_id, byte_count, digest, row_count, now() AT TIME ZONE 'UTC' FROM memory.main.applied
     ON CONFLICT (ledger) DO UPDATE SET byte_count = excluded.byte_count, digest = excluded.digest,
       row_count = excluded.row_count, committed_at = excluded.committed_at`,
  );
}

/** The fold orders outcomes by their runs' start: a run that is known by its ledgers only is entered from its run.json. */
async function ensureRuns(
  { database, dataRoot }: WarehouseContext,
  runIds: ReadonlySet<string>,
): Promise<void> {
  for (const runId of runIds) {
    const stored = readRun({ root: dataRoot, runId });
    const state = stored?.summary?.state ?? stored?.progress?.state ?? 'running';
    const startedAt = stored?.run.startedAt ?? new Date(0).toISOString();
    await database.run(
      `INSERT INTO etl_run (run_id, workflow_id, state, started_at) VALUES (?, ?, ?, ${TIMESTAMP})
       ON CONFLICT (run_id) DO NOTHING`,
      [runId, stored?.run.workflowId ?? null, state, startedAt],
    );
  }
}

async function countIfAsked(
  context: WarehouseContext,
  runId: string | null,
): Promise<{
  readonly value: Pick<CommitLedgersResult, 'run' | 'codes'>;
  readonly lockHeldMs: number;
}> {
  if (runId === null) return { value: { run: null, codes: {} }, lockHeldMs: 0 };
  return withAttached({ ...context, work: () => countRun(context.database, runId) });
}
