/** Runs of which the warehouse knows nothing but their ledgers. */
import fs from 'node:fs';
import { StepError } from '../../contract/errors';
import { runPaths } from '../../files/data-root';
import { readRun, type StoredRun } from '../../files/run/run-records';
import type { Database } from '../driver/database';
import { TIMESTAMP } from './write-run-record';

/** Inserts the staged runs, in the transaction that adds their facts. */
export const INSERT_RUNS =
  'INSERT INTO etl_run BY NAME FROM memory.main.incoming_run ON CONFLICT (run_id) DO NOTHING';

/**
 * Stages the runs of these ledgers. The fold orders outcomes by the start of their runs, so a run
 * of which the warehouse knows only ledgers is inserted from its run.json. One whose run.json is
 * gone counts as the oldest.
 *
 * @throws StepError disk_* when a run.json is damaged or cannot be read. A run that was inserted
 *   with a wrong start would keep it, and its outcomes would lose against older ones.
 */
export async function stageRuns(
  database: Database,
  dataRoot: string,
  runIds: ReadonlySet<string>,
): Promise<void> {
  await database.run(
    'CREATE OR REPLACE TABLE memory.main.incoming_run (run_id VARCHAR, workflow_id VARCHAR, state VARCHAR, started_at TIMESTAMP)',
  );
  for (const runId of runIds) {
    const stored = readUndamagedRun(dataRoot, runId);
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

function readUndamagedRun(dataRoot: string, runId: string): StoredRun | null {
  const stored = readRun({ root: dataRoot, runId });
  const { run } = runPaths(dataRoot, runId);
  if (stored !== null || !fs.existsSync(run)) return stored;
  throw new StepError(
    'disk_io',
    `${run} is not a record of a run, so it is unknown whether the outcomes of the run are newer than others. Restore the file, or delete it to let them count as the oldest, then go on.`,
  );
}
