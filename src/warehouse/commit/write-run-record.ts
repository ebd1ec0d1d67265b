/** Writes the state of a run to `etl_run` and `etl_step`. */
import type { RunRecord } from '../../contract/payloads';
import type { StepRecord } from '../../contract/run-record';
import type { Database, Value } from '../driver/database';

/** SQL for a timestamp parameter: converts ISO 8601 UTC to a TIMESTAMP in UTC. */
export const TIMESTAMP = "(CAST(? AS TIMESTAMPTZ) AT TIME ZONE 'UTC')";

/**
 * Inserts or updates a run and its steps. Must be called in a transaction. `started_at` keeps its
 * first value.
 */
export async function writeRunRecord(database: Database, record: RunRecord): Promise<void> {
  const { runId, workflowId, state, code, detail, startedAt, endedAt } = record;
  await database.run(
    `INSERT INTO etl_run (run_id, workflow_id, state, code, detail, started_at, ended_at)
     VALUES (?, ?, ?, ?, ?, ${TIMESTAMP}, ${TIMESTAMP})
     ON CONFLICT (run_id) DO UPDATE SET workflow_id = excluded.workflow_id, state = excluded.state,
       code = excluded.code, detail = excluded.detail, ended_at = excluded.ended_at`,
    [runId, workflowId, state, code, detail, startedAt, endedAt],
  );
  await writeSteps(database, runId, record.steps);
}

/** One statement for all steps, because the lock is held meanwhile. */
async function writeSteps(
  database: Database,
  runId: string,
  steps: readonly StepRecord[],
): Promise<void> {
  if (steps.length === 0) return;
  const row = `(?, ?, ?, ?, ?, ${TIMESTAMP}, ${TIMESTAMP}, ?, ?)`;
  await database.run(
    `INSERT INTO etl_step
       (run_id, step, state, code, detail, started_at, ended_at, done_count, failed_count)
     VALUES ${steps.map(() => row).join(', ')}
     ON CONFLICT (run_id, step) DO UPDATE SET state = excluded.state, code = excluded.code, detail = excluded.detail,
       started_at = coalesce(excluded.started_at, etl_step.started_at), ended_at = excluded.ended_at,
       done_count = excluded.done_count, failed_count = excluded.failed_count`,
    steps.flatMap((step) => valuesOf(runId, step)),
  );
}

/** The values of a step, in the order of the columns of the INSERT. */
function valuesOf(runId: string, step: StepRecord): readonly Value[] {
  const { name, state, code, detail, startedAt, endedAt } = step;
  const { doneCount = null, failedCount = null } = step;
  return [runId, name, state, code, detail, startedAt, endedAt, doneCount, failedCount];
}
