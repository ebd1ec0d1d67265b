/** What is asked about the collection after the run. Each query can be pasted as it is. */
import { literal } from '../../duckdb/sql-text';

/** Which images are meant. */
export interface CollectionOfRun {
  readonly runId: string;
  /** Null for the unnamed one. */
  readonly collection: string | null;
  /** False for a snapshot from the time before collections, which are all of the unnamed one. */
  readonly hasCollections: boolean;
}

/** The condition of the images of the collection. */
export function isMeant({ collection, hasCollections }: CollectionOfRun): string {
  if (!hasCollections) return 'true';
  return collection === null ? 'collection IS NULL' : `collection = ${literal(collection)}`;
}

export function statesSql(of: CollectionOfRun): string {
  return `SELECT state, count(*) AS images, sum(thumb_bytes) FILTER (state = 'stored')::BIGINT AS bytes
FROM image
WHERE ${isMeant(of)}
GROUP BY state
ORDER BY images DESC, state`;
}

/**
 * One row: the images that failed and that the next run requests again, those that failed for good,
 * and those that no run has requested yet.
 */
export function leftSql(of: CollectionOfRun): string {
  return `SELECT
  count(*) FILTER (state = 'failed' AND last_error_retryable) AS retryable,
  count(*) FILTER (state = 'failed' AND NOT last_error_retryable) AS permanent,
  count(*) FILTER (state = 'pending') AS pending
FROM image
WHERE ${isMeant(of)}`;
}

/** One row: what the catalog of the run changed. */
export function changesSql(of: CollectionOfRun): string {
  return `SELECT
  count(*) FILTER (first_seen_run_id = ${literal(of.runId)}) AS new_images,
  count(*) FILTER (removed_at = (SELECT started_at FROM etl_run WHERE run_id = ${literal(of.runId)})) AS removed
FROM dim_image
WHERE ${isMeant(of)}`;
}

export function copiesSql(of: CollectionOfRun): string {
  return `SELECT
  thumb_sha256 AS sha256,
  count(*) AS images,
  count(DISTINCT thumb_url_hash) AS urls,
  any_value(thumb_bytes) AS bytes,
  ((count(DISTINCT thumb_url_hash) - 1) * any_value(thumb_bytes))::BIGINT AS wasted_bytes,
  array_to_string(list(source_image_id ORDER BY record, source_image_id)[:3], ', ') AS examples
FROM image
WHERE ${isMeant(of)} AND state = 'stored' AND thumb_sha256 IS NOT NULL
GROUP BY thumb_sha256
HAVING count(*) > 1
ORDER BY images DESC, sha256`;
}

export const CHECKS_SQL = `SELECT name, state, bad_rows, example
FROM check_result
ORDER BY CASE state WHEN 'failed' THEN 0 WHEN 'error' THEN 1 WHEN 'warned' THEN 2 ELSE 3 END, name`;

export const MODELS_SQL = `SELECT name, state, rows, seconds, error
FROM model
ORDER BY state <> 'failed', name`;

/** Whether the snapshot has the tables of models. */
export const HAS_MODELS_SQL = `SELECT count(*) = 2 AS has FROM duckdb_tables() WHERE table_name IN ('model', 'check_result')`;

export const VERSION_SQL = 'SELECT max(version) AS version FROM schema_version';
