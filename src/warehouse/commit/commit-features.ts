/**
 * Applies the ledgers of features to `fact_feature`, as commit-ledgers.ts applies those of
 * downloads. Each transaction also records how many bytes of each ledger it applied.
 */
import fs from 'node:fs';
import type { FeatureCode, FeatureLine } from '../../contract/features/feature';
import type {
  CommitFeaturesInput,
  CommitFeaturesResult,
} from '../../contract/features/feature-payloads';
import { dataRootPaths } from '../../files/data-root';
import { parseFeatureLine } from '../../files/ledger/feature-ledger';
import { listFeatureLedgers } from '../../files/ledger/ledger-reader';
import { withAttached } from '../database-file/attached-warehouse';
import { rowsOf, type Database } from '../driver/database';
import type { WarehouseContext } from '../warehouse-context';
import {
  groupIntoTransactions,
  readApplied,
  RECORD_APPLIED,
  type LedgerKind,
} from './applied-ledgers';
import { INSERT_RUNS, stageRuns } from './incoming-runs';
import { stageParts } from './staged-outcomes';

/** 10,000 lines are 12 MB of ledger. */
const FEATURES: LedgerKind<FeatureLine> = { parse: parseFeatureLine, linesPerTransaction: 10_000 };

const TRANSACTION = [
  'BEGIN',
  INSERT_RUNS,
  'INSERT INTO fact_feature BY NAME FROM memory.main.incoming_feature',
  RECORD_APPLIED,
  'COMMIT',
].join(';\n');

/**
 * Applies the parts of ledgers that were not applied before. A commit that is repeated, overlaps
 * another, or was not acknowledged changes nothing.
 *
 * @throws StepError `ledger_changed`, db_*, disk_*.
 */
export async function commitFeatures(
  context: WarehouseContext,
  { runId }: CommitFeaturesInput,
): Promise<CommitFeaturesResult> {
  const { database, dataRoot, schema } = context;
  const ledgers = listFeatureLedgers({ root: dataRoot, runId });
  const runIds = [...new Set(ledgers.map((ledger) => ledger.runId))];
  const known = fs.existsSync(dataRootPaths(dataRoot).warehouse)
    ? await withAttached({ ...context, operation: () => readApplied(database, runIds) })
    : { value: new Map(), lockHeldMs: 0 };
  let { lockHeldMs } = known;
  let applied = 0;
  const changed = new Set<string>();
  const work = { ledgers, applied: known.value };
  for await (const parts of groupIntoTransactions(context, FEATURES, work)) {
    const table = { name: 'incoming_feature', columns: schema.featureColumns };
    await stageParts(database, table, parts);
    await stageRuns(database, dataRoot, new Set(parts.map((part) => part.runId)));
    // Merging small row groups would hold the lock for seconds every few commits.
    await database.run('SET max_vacuum_tasks = 0');
    const written = await withAttached({ ...context, operation: () => database.run(TRANSACTION) });
    lockHeldMs += written.lockHeldMs;
    applied += parts.reduce((sum, { part }) => sum + part.lines.length, 0);
    for (const { ledger } of parts) changed.add(ledger);
  }
  let counts: Counts = { run: null, codes: {} };
  if (runId !== null) {
    const copied = await withAttached({
      ...context,
      operation: () => copyFilesOfRun(database, runId),
    });
    lockHeldMs += copied.lockHeldMs;
    counts = await countFiles(database);
  }
  return { applied, ledgers: changed.size, ...counts, lockHeldMs };
}

type Counts = Pick<CommitFeaturesResult, 'run' | 'codes'>;

/**
 * Copies what {@link countFiles} reads. Counting a million files takes half a second of CPU, and
 * the copy a third of that; the lock is held for the copy only.
 */
function copyFilesOfRun(database: Database, runId: string): Promise<void> {
  const ofFailed = (column: string): string =>
    `CASE WHEN outcome = 'failed' THEN ${column} END AS ${column}`;
  return database.run(
    `CREATE OR REPLACE TABLE memory.main.file_of_run AS
     SELECT sha256, outcome = 'computed' AS is_computed, code, recorded_at, ${ofFailed('ledger')}, line
     FROM fact_feature WHERE run_id = ?`,
    [runId],
  );
}

/** Counts the files of a run. A file with several lines counts as computed if any of them is. */
async function countFiles(database: Database): Promise<Counts> {
  const rows = await rowsOf(
    database,
    `SELECT is_computed, code, count(*) AS files FROM (
       SELECT bool_or(is_computed) AS is_computed, CASE WHEN NOT bool_or(is_computed) THEN
         arg_max(code, {'at': recorded_at, 'ledger': ledger, 'line': line}) FILTER (NOT is_computed) END AS code
       FROM memory.main.file_of_run GROUP BY sha256)
     GROUP BY ALL ORDER BY files DESC, code`,
  );
  const failures = rows.filter((row) => row.is_computed !== true);
  const computed = rows.find((row) => row.is_computed === true);
  return {
    run: {
      computed: Number(computed?.files ?? 0),
      failed: failures.reduce((sum, row) => sum + Number(row.files), 0),
    },
    codes: Object.fromEntries(
      failures.map((row) => [String(row.code) as FeatureCode, Number(row.files)]),
    ),
  };
}
