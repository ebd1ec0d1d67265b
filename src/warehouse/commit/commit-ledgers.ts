/** Applies ledgers to the warehouse: one transaction per 20 k lines, what was applied noted in the same. */
import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { CommitLedgersInput, CommitLedgersResult } from '../../contract/payloads';
import { listLedgers, type LedgerFile } from '../../files/ledger/ledger-reader';
import { writeCommitted } from '../../files/ledger/committed-record';
import { readRun } from '../../files/run/run-records';
import { dataRootPaths } from '../../files/data-root';
import { withAttached, type Held } from '../database-file/attached-warehouse';
import type { Database } from '../driver/database';
import { rowsOf } from '../driver/database';
import { NOTHING_APPLIED, readTail, type Applied } from './ledger-tail';
import { ADD_TO_COUNTS, correctCounts, readRunCounts, stageCounts } from './run-counts';
import { TIMESTAMP } from './write-run-record';
import { stageOutcomes, type StagedPart } from './staged-outcomes';
import {
  findImagesThatLostFiles,
  FLAG_BY_ROW,
  FLAG_DOWNLOADED,
  FLAG_TOUCHED,
} from './downloaded-flag';
import { lookUpInSnapshot } from './look-up-in-snapshot';
import type { WarehouseContext } from '../warehouse-context';

/**
 * The lock is held for as long as a transaction takes, and its lines are in memory: 20 k are 15 MB of ledger, 0.2 s. Also, an
 * UPDATE of most rows is pathological (measured: 600 k of 1 M took a minute; at most 100 k). **Units** lines.
 */
const LINES_A_TRANSACTION = 20_000;

/**
 * A commit of so many lines leaves its row group to itself; a smaller one lets DuckDB merge small ones, one task of it.
 * Merging took up to 300 ms with the lock held, every so many commits. **Units** lines.
 */
const LINES_OF_A_ROW_GROUP = 5_000;

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
  const known = await readKnown(context, ledgers, runId);
  let { lockHeldMs } = known;
  let { counts } = known.value;
  const appliedBytes = new Map<string, number>();
  let applied = 0;
  for await (const parts of chunks(context, ledgers, known.value.applied)) {
    const written = await writeParts(context, parts, runId);
    counts = written.value;
    applied += parts.reduce((sum, { part }) => sum + part.lines.length, 0);
    for (const { ledger, part } of parts) appliedBytes.set(ledger, part.applied.byteCount);
    lockHeldMs += written.lockHeldMs;
  }
  if (runId !== null && appliedBytes.size > 0)
    tellStatus({ ...context, runId, known: known.value, appliedBytes, counts });
  return { applied, ledgers: appliedBytes.size, ...counts, lockHeldMs };
}

/** So that `status` needs to read only what lies beyond. A disk that refuses it fails no commit. */
function tellStatus(options: {
  readonly dataRoot: string;
  readonly log: Logger;
  readonly runId: string;
  readonly known: Known;
  readonly appliedBytes: ReadonlyMap<string, number>;
  readonly counts: Counts;
}): void {
  const { dataRoot, log, runId, known, appliedBytes, counts } = options;
  if (counts.run === null) return;
  const { stored, notModified, failed, bytes } = counts.run;
  const before = [...known.applied].map(([ledger, { byteCount }]): [string, number] => [
    ledger,
    byteCount,
  ]);
  const ledgers = Object.fromEntries([...before, ...appliedBytes]);
  try {
    const record = { v: 1, ledgers, counts: { stored, notModified, failed, bytes } } as const;
    writeCommitted({ root: dataRoot, runId, record });
  } catch (error) {
    log.warn({ err: error }, 'committed.json could not be written');
  }
}

type Counts = Pick<CommitLedgersResult, 'run' | 'codes'>;

interface Known {
  /** By ledger. */
  readonly applied: ReadonlyMap<string, Applied>;
  readonly counts: Counts;
}

/** What the warehouse has of these ledgers and of the run; none is made. */
async function readKnown(
  context: WarehouseContext,
  ledgers: readonly LedgerFile[],
  runId: string | null,
): Promise<Held<Known>> {
  const { database, dataRoot } = context;
  if (!fs.existsSync(dataRootPaths(dataRoot).warehouse))
    return { value: { applied: new Map(), counts: { run: null, codes: {} } }, lockHeldMs: 0 };
  return withAttached({
    ...context,
    work: async () => ({
      applied: await readApplied(database, [...new Set(ledgers.map((ledger) => ledger.runId))]),
      counts: await readRunCounts(database, runId),
    }),
  });
}

async function readApplied(
  database: Database,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, Applied>> {
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
  runId: string | null,
): Promise<Held<Counts>> {
  const { database, dataRoot } = context;
  await stageOutcomes(context, parts);
  await stageRuns(database, dataRoot, new Set(parts.map((part) => part.runId)));
  await stageCounts(database);
  const found = await lookUpInSnapshot(context);
  const lines = parts.reduce((sum, { part }) => sum + part.lines.length, 0);
  await database.run(`SET max_vacuum_tasks = ${lines < LINES_OF_A_ROW_GROUP ? 1 : 0}`);
  return withAttached({
    ...context,
    work: async () => {
      // Asked again: now nobody else can write.
      const published = context.rowNumbers.hold() ? found : null;
      await findImagesThatLostFiles(database);
      await correctCounts(database, published);
      await database.run(transaction(published === null ? FLAG_DOWNLOADED : FLAG_BY_ROW));
      return readRunCounts(database, runId);
    },
  });
}

/** In one call: every call is a way through another thread and back, while the lock is held. */
const transaction = (flagDownloaded: string): string =>
  [
    'BEGIN',
    'INSERT INTO etl_run BY NAME FROM memory.main.incoming_run ON CONFLICT (run_id) DO NOTHING',
    'INSERT INTO fact_download BY NAME FROM memory.main.incoming',
    `INSERT INTO etl_commit BY NAME
   SELECT ledger, run_id, byte_count, digest, row_count, now() AT TIME ZONE 'UTC' AS committed_at
   FROM memory.main.applied
   ON CONFLICT (ledger) DO UPDATE SET byte_count = excluded.byte_count, digest = excluded.digest,
     row_count = excluded.row_count, committed_at = excluded.committed_at`,
    flagDownloaded,
    FLAG_TOUCHED,
    ...ADD_TO_COUNTS,
    'COMMIT',
  ].join(';\n');

/** The fold orders outcomes by their runs' start: a run that is known by its ledgers only is entered from its run.json. */
async function stageRuns(
  database: Database,
  dataRoot: string,
  runIds: ReadonlySet<string>,
): Promise<void> {
  await database.run(
    'CREATE OR REPLACE TABLE memory.main.incoming_run (run_id VARCHAR, workflow_id VARCHAR, state VARCHAR, started_at TIMESTAMP)',
  );
  for (const runId of runIds) {
    const stored = readRun({ root: dataRoot, runId });
    const state = stored?.summary?.state ?? stored?.progress?.state ?? 'running';
    const startedAt = stored?.run.startedAt ?? new Date(0).toISOString();
    await database.run(`INSERT INTO memory.main.incoming_run VALUES (?, ?, ?, ${TIMESTAMP})`, [
      runId,
      stored?.run.workflowId ?? null,
      state,
      startedAt,
    ]);
  }
}
