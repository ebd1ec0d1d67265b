/** What is asked about the outcomes of one run. Each query can be pasted as it is. */
import { hostOfUrlSql } from '../../contract/hosts/host-of-url-sql';
import { literal } from '../../duckdb/sql-text';

/**
 * The outcomes of a run, one for each image: the best one, of these the last. The host is that of
 * the image's URL, or that of the last answer where the image has another URL by now.
 */
function outcomesOf(runId: string): string {
  return `WITH outcome AS (
  SELECT f.*, coalesce(nullif(CASE WHEN f.url_hash = d.thumb_url_hash THEN ${hostOfUrlSql('d.thumb_url')} END, ''), f.final_host, 'unknown') AS host
  FROM fact_download f LEFT JOIN dim_image d USING (source_image_id)
  WHERE f.run_id = ${literal(runId)} AND f.outcome <> 'lost'
  QUALIFY row_number() OVER (
    PARTITION BY f.source_image_id
    ORDER BY CASE f.outcome WHEN 'stored' THEN 2 WHEN 'not_modified' THEN 1 ELSE 0 END DESC, f.dispatch DESC, f.attempt DESC, f.line DESC
  ) = 1
)`;
}

/** One row: the run as the warehouse recorded it. */
export function runSql(runId: string): string {
  return `SELECT state, started_at, ended_at, stored_count, not_modified_count, failed_count, byte_count, request_count
FROM etl_run
WHERE run_id = ${literal(runId)}`;
}

export function stepsSql(runId: string): string {
  return `SELECT step, state, started_at, round(date_diff('millisecond', started_at, ended_at) / 1000, 1) AS seconds, done_count, failed_count, nullif(concat_ws(': ', code, detail), '') AS reason
FROM etl_step
WHERE run_id = ${literal(runId)}
ORDER BY started_at NULLS LAST, step`;
}

/** One row: the images of the run by outcome. */
export function totalsSql(runId: string): string {
  return `${outcomesOf(runId)}
SELECT
  count(*) FILTER (outcome = 'stored') AS stored,
  count(*) FILTER (outcome = 'not_modified') AS not_modified,
  count(*) FILTER (outcome = 'failed') AS failed,
  count(*) FILTER (outcome = 'failed' AND retryable) AS failed_retryable,
  coalesce(sum(bytes) FILTER (outcome = 'stored'), 0)::BIGINT AS bytes,
  (SELECT coalesce(sum(request_count), 0)::BIGINT FROM fact_download WHERE run_id = ${literal(runId)}) AS requests,
  count(DISTINCT host) AS hosts
FROM outcome`;
}

export function failuresSql(runId: string): string {
  return `${outcomesOf(runId)},
detail AS (
  SELECT host, code, detail, count(*) AS images
  FROM outcome
  WHERE outcome = 'failed'
  GROUP BY ALL
)
SELECT
  host,
  code,
  count(*) AS images,
  count(*) FILTER (retryable) AS asked_again,
  (SELECT arg_max(d.detail, {'images': d.images, 'detail': d.detail}) FROM detail d WHERE d.host = o.host AND d.code = o.code) AS commonest_detail,
  min(source_image_id) AS example
FROM outcome o
WHERE outcome = 'failed'
GROUP BY host, code
ORDER BY images DESC, host, code`;
}

export function hostsSql(runId: string): string {
  return `${outcomesOf(runId)},
request AS (
  SELECT source_image_id, sum(request_count) AS requests
  FROM fact_download
  WHERE run_id = ${literal(runId)}
  GROUP BY source_image_id
)
SELECT
  host,
  count(*) AS images,
  count(*) FILTER (outcome = 'stored') AS stored,
  count(*) FILTER (outcome = 'failed') AS failed,
  coalesce(sum(requests), 0)::BIGINT AS requests,
  coalesce(sum(bytes) FILTER (outcome = 'stored'), 0)::BIGINT AS bytes,
  round(date_diff('millisecond', min(recorded_at), max(recorded_at)) / 1000, 1) AS seconds,
  CASE WHEN date_diff('millisecond', min(recorded_at), max(recorded_at)) >= 1000
    THEN round(1000 * count(*) / date_diff('millisecond', min(recorded_at), max(recorded_at)), 1) END AS images_per_second
FROM outcome JOIN request USING (source_image_id)
GROUP BY host
ORDER BY images DESC, host`;
}

/** At most 60 rows: the outcomes in equal stretches of the run's time. */
export function paceSql(runId: string): string {
  return `WITH line AS (
  SELECT recorded_at, min(recorded_at) OVER () AS first_at,
    greatest(1, ceil(date_diff('second', min(recorded_at) OVER (), max(recorded_at) OVER ()) / 60)) AS stretch_seconds
  FROM fact_download
  WHERE run_id = ${literal(runId)} AND recorded_at IS NOT NULL AND outcome <> 'lost'
)
SELECT
  least(59, floor(date_diff('millisecond', first_at, recorded_at) / 1000 / stretch_seconds))::INTEGER AS stretch,
  any_value(stretch_seconds)::INTEGER AS seconds,
  min(recorded_at) AS first_outcome_at,
  count(*) AS outcomes
FROM line
GROUP BY stretch
ORDER BY stretch`;
}

export function rejectsSql(runId: string): string {
  return `SELECT code, count(*) AS rows, arg_min(coalesce('line ' || line, 'record ' || record), record) AS first_at,
  arg_min(source_image_id, record) AS example, arg_min(detail, record) AS reason
FROM catalog_reject
WHERE run_id = ${literal(runId)}
GROUP BY code
ORDER BY rows DESC, code`;
}
