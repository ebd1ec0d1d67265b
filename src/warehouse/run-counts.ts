/** A run's outcomes as the warehouse has them, counted by image. */
import type { CommitLedgersResult } from '../contract/payloads';
import type { Database } from './database';
import { firstRow, rowsOf } from './database';
import { OUTCOME_RANK } from './fold';

/** One row an image of the run: its best outcome's rank, and what goes with it. Parameter: run id. */
const BEST = `
  SELECT source_image_id, max(${OUTCOME_RANK}) AS best,
    max(bytes) FILTER (outcome = 'stored') AS bytes,
    arg_max(code, {'d': dispatch, 'a': attempt, 'l': line, 'e': execution}) FILTER (outcome = 'failed') AS code
  FROM fact_download WHERE run_id = ? GROUP BY source_image_id`;

/** Counts, and writes them to `etl_run` when they are new. `planned` is not known here: 0. */
export async function countRun(
  database: Database,
  runId: string,
): Promise<Pick<CommitLedgersResult, 'run' | 'codes'>> {
  const counts = await firstRow(
    database,
    `SELECT count(*) FILTER (best = 3) AS stored, count(*) FILTER (best = 2) AS not_modified,
       count(*) FILTER (best = 0) AS failed, coalesce(sum(bytes)::BIGINT, 0) AS bytes,
       (SELECT coalesce(sum(request_count)::BIGINT, 0) FROM fact_download WHERE run_id = ?) AS requests
     FROM (${BEST})`,
    [runId, runId],
  );
  const run = {
    planned: 0,
    stored: Number(counts.stored),
    notModified: Number(counts.not_modified),
    failed: Number(counts.failed),
    bytes: Number(counts.bytes),
    requests: Number(counts.requests),
  };
  await writeCounts(database, runId, run);
  return { run, codes: await countCodes(database, runId) };
}

async function countCodes(
  database: Database,
  runId: string,
): Promise<CommitLedgersResult['codes']> {
  const rows = await rowsOf(
    database,
    `SELECT code, count(*) AS n FROM (${BEST}) WHERE best = 0 AND code IS NOT NULL GROUP BY code ORDER BY n DESC, code`,
    [runId],
  );
  return Object.fromEntries(rows.map((row) => [String(row.code), Number(row.n)]));
}

type Counts = NonNullable<CommitLedgersResult['run']>;

async function writeCounts(database: Database, runId: string, run: Counts): Promise<void> {
  const values = [run.stored, run.notModified, run.failed, run.bytes, run.requests];
  await database.run(
    `UPDATE etl_run SET stored_count = ?, not_modified_count = ?, failed_count = ?, byte_count = ?, request_count = ?
     WHERE run_id = ? AND (stored_count, not_modified_count, failed_count, byte_count, request_count) IS DISTINCT FROM (?, ?, ?, ?, ?)`,
    [...values, runId, ...values],
  );
}
