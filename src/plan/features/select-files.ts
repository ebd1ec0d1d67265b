/** Selects the files whose features are to be computed from the snapshot. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { settledFeaturesSql } from '../../contract/features/settled-features';
import { collectionCondition, scopeConditions } from '../select-images';
import type { FeaturePlanJob } from './feature-plan-job';
import { FILE_MS } from './file-cost';

/**
 * The most paths of one file that are planned. Copies are as good as each other, and a placeholder
 * may have a hundred thousand.
 */
const MOST_PATHS = 20;

/**
 * Fills the table `memory.main.planned_file` with the files to compute, and returns how many are
 * stored. `snapshot` is a connection that uses the snapshot.
 */
export async function selectFiles(
  snapshot: DuckDBConnection,
  job: FeaturePlanJob,
): Promise<number> {
  const conditions = [
    "i.state = 'stored'",
    'i.thumb_sha256 IS NOT NULL',
    'i.thumb_path IS NOT NULL',
    ...scopeConditions(job, await collectionCondition(snapshot, job)),
  ];
  await snapshot.run(
    `CREATE TABLE memory.main.stored_sha256 AS
     SELECT i.thumb_sha256 AS sha256, list_sort(list(DISTINCT i.thumb_path))[1:${MOST_PATHS}] AS paths,
       max(i.thumb_format) AS format, coalesce(max(i.thumb_bytes), 0) / 1e6 AS megabytes,
       max(coalesce(i.thumb_width::BIGINT * i.thumb_height, 0)) / 1e6 AS megapixels
     FROM image i WHERE ${conditions.join(' AND ')} GROUP BY i.thumb_sha256`,
  );
  await snapshot.run(
    `CREATE TABLE memory.main.planned_file AS
     SELECT * FROM memory.main.stored_sha256 ANTI JOIN (
       SELECT DISTINCT sha256 FROM fact_feature WHERE ${settledFeaturesSql(job.version, job.select)}
     ) settled USING (sha256)`,
  );
  const stored = await snapshot.runAndReadAll('SELECT count(*) FROM memory.main.stored_sha256');
  return Number(stored.getRows()[0]?.[0] ?? 0);
}

/**
 * Counts the files of `memory.main.planned_file`: all of them as `planned`, and as `former` those
 * that have features of another version. `cpuSeconds` is an estimate.
 */
export async function countPlanned(
  snapshot: DuckDBConnection,
): Promise<{ readonly planned: number; readonly former: number; readonly cpuSeconds: number }> {
  const counted = await snapshot.runAndReadAll(
    `SELECT count(*), count(*) FILTER (sha256 IN (
         SELECT sha256 FROM fact_feature WHERE outcome = 'computed')),
       coalesce(sum(${FILE_MS}) / 1000, 0)
     FROM memory.main.planned_file`,
  );
  const [planned = 0, former = 0, cpuSeconds = 0] = (counted.getRows()[0] ?? []).map(Number);
  return { planned, former, cpuSeconds };
}
