/**
 * Applies the ledgers of features to `fact_feature`, as commit-ledgers.ts applies those of
 * downloads. Each transaction also records how many bytes of each ledger it applied.
 */
import fs from 'node:fs';
import type { FeatureLine } from '../../contract/features/feature';
import type {
  CommitFeaturesInput,
  CommitFeaturesResult,
} from '../../contract/features/feature-payloads';
import { dataRootPaths } from '../../files/data-root';
import { parseFeatureLine } from '../../files/ledger/feature-ledger';
import { listFeatureLedgers } from '../../files/ledger/ledger-reader';
import { withAttached } from '../database-file/attached-warehouse';
import type { WarehouseContext } from '../warehouse-context';
import {
  groupIntoTransactions,
  readApplied,
  RECORD_APPLIED,
  type LedgerKind,
} from './applied-ledgers';
import { createFileCounter } from './count-files-of-run';
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

export type FeatureCommitter = (
  context: WarehouseContext,
  input: CommitFeaturesInput,
) => Promise<CommitFeaturesResult>;

/**
 * Creates the commit of features of one process. It applies the ledgers and counts the files of
 * the run.
 *
 * @throws the same errors as {@link applyFeatureLedgers}.
 */
export function createFeatureCommitter(): FeatureCommitter {
  const countFiles = createFileCounter();
  return async (context, { runId }) => {
    const { lockHeldMs, ...applied } = await applyFeatureLedgers(context, runId);
    if (runId === null) return { ...applied, run: null, codes: {}, lockHeldMs };
    const counted = await countFiles(context, runId);
    return { ...applied, ...counted.value, lockHeldMs: lockHeldMs + counted.lockHeldMs };
  };
}

/**
 * Applies the parts of ledgers that were not applied before. A commit that is repeated, overlaps
 * another, or was not acknowledged changes nothing.
 *
 * @param runId the run whose ledgers are applied; null for those of all runs.
 * @throws StepError `ledger_changed`, db_*, disk_*.
 */
export async function applyFeatureLedgers(
  context: WarehouseContext,
  runId: string | null,
): Promise<Pick<CommitFeaturesResult, 'applied' | 'ledgers' | 'lockHeldMs'>> {
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
  return { applied, ledgers: changed.size, lockHeldMs };
}
