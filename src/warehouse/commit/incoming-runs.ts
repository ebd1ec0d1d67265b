/** Runs of which the warehouse knows nothing but their ledgers. */
import { readRun } from '../../files/run/run-records';
import type { Database } from '../driver/database';
import { TIMESTAMP } from './write-run-record';

/** Inserts the staged runs, in the transaction that adds their facts. */
export const INSERT_RUNS =
  'INSERT INTO etl_run BY NAME FROM memory.main.incoming_run ON CONFLICT (run_id) DO NOTHING';

/**
 * Stages the runs of these ledgers. The fold orders outcomes by the start of their runs, so a run
 * of which the warehouse knows only ledgers is inserted from its run.json.
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
