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
  for (const step of record.steps) await writeStep(database, runId, step);
}

function writeStep(database: Database, runId: string, step: StepRecord): Promise<void> {
  const values: readonly Value[] = [
    runId,
    step.name,
    step.state,
    step.code,
    step.detail,
    step.startedAt,
    step.endedAt,
    step.doneCount ?? null,
    step.failedCount ?? null,
  ];
  return database.run(
    `INSERT INTO etl_step
       (run_id, step, state, code, detail, started_at, ended_at, done_count, failed_count)
     VALUES (?, ?, ?, ?, ?, ${TIMESTAMP}, ${TIMESTAMP}, ?, ?)
     ON CONFLICT (run_id, step) DO UPDATE SET state = excluded.state, code = excluded.code, detail = excluded.detail,
       started_at = coalesce(excluded.started_at, etl_step.started_at), ended_at = excluded.ended_at,
       done_count = excluded.done_count, failed_count = excluded.failed_count`,
    values,
  );
}
