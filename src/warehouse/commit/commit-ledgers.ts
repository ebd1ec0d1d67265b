/**
 * Applies ledgers to the warehouse in transactions of up to 20,000 lines. Each transaction also
 * records how many bytes of each ledger it applied.
 */
import fs from 'node:fs';
import type { Logger } from 'pino';
import type { CommitLedgersInput, CommitLedgersResult } from '../../contract/payloads';
import type { LedgerLine } from '../../contract/outcome';
import { listLedgers, parseLedgerLine, type LedgerFile } from '../../files/ledger/ledger-reader';
import { writeCommitted } from '../../files/ledger/committed-record';
import { dataRootPaths } from '../../files/data-root';
import { withAttached, type TimedResult } from '../database-file/attached-warehouse';
import {
  groupIntoTransactions,
  readApplied,
  RECORD_APPLIED,
  type LedgerKind,
} from './applied-ledgers';
import { INSERT_RUNS, stageRuns } from './incoming-runs';
import type { AppliedPrefix } from './ledger-tail';
import { ADD_TO_COUNTS, correctCounts, readRunCounts, stageCounts } from './run-counts';
import { stageParts, type StagedPart } from './staged-outcomes';
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
const OUTCOMES: LedgerKind<LedgerLine> = {
  parse: parseLedgerLine,
  linesPerTransaction: 20_000,
};

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
  for await (const parts of groupIntoTransactions(context, OUTCOMES, {
    ledgers,
    applied: appliedState.value.applied,
  })) {
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
  /** The applied part of each ledger, by its path. */
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
    isContentKept: true,
    operation: async () => ({
      applied: await readApplied(database, [...new Set(ledgers.map((ledger) => ledger.runId))]),
      counts: await readRunCounts(database, runId),
    }),
  });
}

async function writeParts(
  context: WarehouseContext,
  parts: readonly StagedPart<LedgerLine>[],
  runId: string | null,
): Promise<TimedResult<Counts>> {
  const { database, dataRoot } = context;
  const { factColumns } = context.schema;
  await stageParts(database, { name: 'incoming', columns: factColumns }, parts);
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
    INSERT_RUNS,
    'INSERT INTO fact_download BY NAME FROM memory.main.incoming',
    RECORD_APPLIED,
    flagDownloaded,
    FLAG_TOUCHED,
    ...ADD_TO_COUNTS,
    'COMMIT',
  ].join(';\n');
