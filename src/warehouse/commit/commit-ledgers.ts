/**
 * Applies ledgers to the warehouse in transactions of up to 20,000 lines. Each transaction also
 * records how many bytes of each ledger it applied.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { CommitLedgersInput, CommitLedgersResult } from '../../contract/payloads';
import { listLedgers, type LedgerFile } from '../../files/ledger/ledger-reader';
import { writeCommitted } from '../../files/ledger/committed-record';
import { readRun } from '../../files/run/run-records';
import { dataRootPaths } from '../../files/data-root';
import { withAttached, type TimedResult } from '../database-file/attached-warehouse';
import type { Database } from '../driver/database';
import { rowsOf } from '../driver/database';
import { NOTHING_APPLIED, readTail, type AppliedPrefix } from './ledger-tail';
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
 * Number of ledger lines per transaction. The lock is held during a transaction, and its lines are
 * in memory: 20,000 lines are 15 MB of ledger and take 0.2 s. DuckDB is also very slow at updating
 * most rows of a table: in a measurement, 600,000 of 1 M rows took a minute, so a transaction must
 * not update more than 100,000.
 */
const LINES_PER_TRANSACTION = 20_000;

/**
 * A commit with at least this number of lines leaves its row group alone. A smaller commit lets
 * DuckDB merge small row groups with one vacuum task. The lock is held during such a merge, which
 * takes up to 300 ms and is due every few commits.
 */
const MIN_LINES_FOR_OWN_ROW_GROUP = 5_000;

/**
 * Applies the parts of ledgers that were not applied before. A commit that is repeated, overlaps
 * another, or was not acknowledged changes nothing.
 *
 * @throws StepError `ledger_changed`, db_*, disk_*.
 */
export async function commitLedgers(
  context: WarehouseContext,
  { runId }: CommitLedgersInput,
): Promise<CommitLedgersResult> {
  const ledgers = listLedgers({ root: context.dataRoot, runId });
  const appliedState = await readAppliedState(context, ledgers, runId);
  let { lockHeldMs } = appliedState;
  let { counts } = appliedState.value;
  const appliedBytes = new Map<string, number>();
  let applied = 0;
  for await (const parts of groupIntoTransactions(context, ledgers, appliedState.value.applied)) {
    const written = await writeParts(context, parts, runId);
    counts = written.value;
    applied += parts.reduce((sum, { part }) => sum + part.lines.length, 0);
    for (const { ledger, part } of parts) appliedBytes.set(ledger, part.applied.byteCount);
    lockHeldMs += written.lockHeldMs;
  }
  if (runId !== null && appliedBytes.size > 0)
    recordProgressForStatus({
      ...context,
      runId,
      appliedState: appliedState.value,
      appliedBytes,
      counts,
    });
  return { applied, ledgers: appliedBytes.size, ...counts, lockHeldMs };
}

/**
 * Records how far the ledgers are applied, so that `status` needs to read only the rest of them. A
 * disk error here does not fail the commit.
 */
function recordProgressForStatus(options: {
  readonly dataRoot: string;
  readonly log: Logger;
  readonly runId: string;
  readonly appliedState: AppliedState;
  readonly appliedBytes: ReadonlyMap<string, number>;
  readonly counts: Counts;
}): void {
  const { dataRoot, log, runId, appliedState, appliedBytes, counts } = options;
  if (counts.run === null) return;
  const { stored, notModified, failed, bytes } = counts.run;
  const earlier = [...appliedState.applied].map(([ledger, { byteCount }]): [string, number] => [
    ledger,
    byteCount,
  ]);
  const ledgers = Object.fromEntries([...earlier, ...appliedBytes]);
  try {
    const record = { v: 1, ledgers, counts: { stored, notModified, failed, bytes } } as const;
    writeCommitted({ root: dataRoot, runId, record });
  } catch (error) {
    log.warn({ err: error }, 'committed.json could not be written');
  }
}

type Counts = Pick<CommitLedgersResult, 'run' | 'codes'>;

interface AppliedState {
  /** By path of the ledger. */
  readonly applied: ReadonlyMap<string, AppliedPrefix>;
  readonly counts: Counts;
}

/**
 * Reads from the warehouse how far these ledgers are applied, and the counts of the run. Does not
 * create a warehouse.
 */
async function readAppliedState(
  context: WarehouseContext,
  ledgers: readonly LedgerFile[],
  runId: string | null,
): Promise<TimedResult<AppliedState>> {
  const { database, dataRoot } = context;
  if (!fs.existsSync(dataRootPaths(dataRoot).warehouse))
    return { value: { applied: new Map(), counts: { run: null, codes: {} } }, lockHeldMs: 0 };
  return withAttached({
    ...context,
    operation: async () => ({
      applied: await readApplied(database, [...new Set(ledgers.map((ledger) => ledger.runId))]),
      counts: await readRunCounts(database, runId),
    }),
  });
}

async function readApplied(
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
async function* groupIntoTransactions(
  { dataRoot, log }: WarehouseContext,
  ledgers: readonly LedgerFile[],
  appliedByLedger: ReadonlyMap<string, AppliedPrefix>,
): AsyncGenerator<readonly StagedPart[]> {
  let parts: StagedPart[] = [];
  let lines = 0;
  for (const ledger of ledgers) {
    const applied = appliedByLedger.get(ledger.path) ?? NOTHING_APPLIED;
    if (ledger.bytes === applied.byteCount) continue;
    const file = path.join(dataRoot, ledger.path);
    for await (const part of readTail({
      file,
      ledger: ledger.path,
      applied,
      partLines: LINES_PER_TRANSACTION,
    })) {
      if (part.unparsable.length > 0)
        log.warn({ ledger: ledger.path, lines: part.unparsable.slice(0, 10) }, 'unparsable lines');
      if (lines + part.lines.length > LINES_PER_TRANSACTION) {
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
): Promise<TimedResult<Counts>> {
  const { database, dataRoot } = context;
  await stageOutcomes(context, parts);
  await stageRuns(database, dataRoot, new Set(parts.map((part) => part.runId)));
  await stageCounts(database);
  const snapshotRows = await lookUpInSnapshot(context);
  const lines = parts.reduce((sum, { part }) => sum + part.lines.length, 0);
  await database.run(`SET max_vacuum_tasks = ${lines < MIN_LINES_FOR_OWN_ROW_GROUP ? 1 : 0}`);
  return withAttached({
    ...context,
    operation: async () => {
      // Checked again because no other process can write from here on.
      const published = context.rowNumbers.areValid() ? snapshotRows : null;
      await findImagesThatLostFiles(database);
      await correctCounts(database, published);
      await database.run(transactionSql(published === null ? FLAG_DOWNLOADED : FLAG_BY_ROW));
      return readRunCounts(database, runId);
    },
  });
}

/**
 * One call for all statements: each call makes a round trip through another thread while the lock
 * is held.
 */
const transactionSql = (flagDownloaded: string): string =>
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

/**
 * Stages the runs of these ledgers. The fold orders outcomes by the start of their runs, so a run
 * of which the warehouse knows only ledgers is inserted from its run.json.
 */
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
