/**
 * The fold, as SQL: computes the state of an image from its outcomes.
 *
 * It is a pure function of the facts. The order, repetition or overlap in which ledgers are
 * committed does not change it.
 *
 * @see docs/reference/files.md, "The fold".
 */

/** Precedence of an image's outcomes within one run. */
export const OUTCOME_RANK =
  "CASE outcome WHEN 'stored' THEN 3 WHEN 'not_modified' THEN 2 WHEN 'lost' THEN 1 ELSE 0 END";

/** The order in which outcomes of an image count, over all runs. The last one decides. */
const OUTCOME_ORDER = `r.started_at, f.run_id, ${OUTCOME_RANK}, f.dispatch, f.attempt, f.line, f.execution`;

/** The same order, the last outcome first. */
const REVERSED_ORDER = OUTCOME_ORDER.split(', ')
  .map((term) => `${term} DESC`)
  .join(', ');

/**
 * Numbers an image's outcomes in this order (`seq`).
 *
 * From here to the end of the fold a fact is represented by its `rowid`. Aggregates over texts or
 * structs use memory that DuckDB cannot spill: 1 M facts took more than 1.8 GB and 6 s. With row
 * ids they take 0.6 GB without a memory limit, and 1 s.
 */
const NUMBERED_FACTS = `
  SELECT f.rowid AS fact, f.source_image_id, f.url_hash, f.outcome,
    row_number() OVER (PARTITION BY f.source_image_id ORDER BY ${OUTCOME_ORDER}) AS seq
  FROM fact_download f JOIN etl_run r ON r.run_id = f.run_id`;

/** Filters outcomes that say whether the image has a file. A `failed` outcome does not. */
const FILE_OUTCOMES = "FILTER (outcome <> 'failed')";

/** One row per image and URL: its last outcome, and the file that its outcomes leave. */
const BY_URL = `
  SELECT source_image_id, url_hash, count(*) AS attempts,
    arg_max(fact, seq) AS last_fact, arg_max(${OUTCOME_RANK}, seq) AS last_rank,
    max(seq) ${FILE_OUTCOMES} AS kept_seq, arg_max(fact, seq) ${FILE_OUTCOMES} AS kept_fact,
    coalesce(arg_max(outcome IN ('stored', 'not_modified'), seq) ${FILE_OUTCOMES}, false) AS has_file,
    arg_max(fact, seq) FILTER (outcome = 'stored') AS stored_fact
  FROM numbered GROUP BY source_image_id, url_hash`;

/** Whether a row of `by_url` belongs to the image's current URL. */
const IS_CURRENT_URL = 'u.url_hash = d.thumb_url_hash';

/**
 * One row per image with outcomes. The image's file is that of its current URL, otherwise that of
 * the URL which was stored last. A `lost` outcome for the current URL removes the file, and the
 * file of an older URL does not replace it.
 */
const BY_IMAGE = `
  SELECT d.source_image_id, sum(u.attempts)::BIGINT AS attempt_count,
    max(u.last_fact) FILTER (${IS_CURRENT_URL}) AS last_fact, max(u.last_rank) FILTER (${IS_CURRENT_URL}) AS last_rank,
    ${fileColumn('kept_fact')} AS file_fact, ${fileColumn('stored_fact')} AS stored_fact
  FROM by_url u JOIN dim_image d ON d.source_image_id = u.source_image_id
  GROUP BY d.source_image_id`;

function fileColumn(column: string): string {
  return `CASE WHEN max(u.kept_seq) FILTER (${IS_CURRENT_URL}) IS NULL
      THEN arg_max_null(u.${column}, u.kept_seq) FILTER (u.has_file)
      ELSE max(u.${column}) FILTER (${IS_CURRENT_URL} AND u.has_file) END`;
}

/**
 * Adds properties of stored files: a confirmation (`not_modified`) may lack what was recorded when
 * the same bytes were stored.
 *
 * Does not refer to `by_image`: DuckDB materialises a CTE that is referred to twice, and no filter
 * is pushed into it.
 */
const STORED_BEFORE = `
  SELECT rowid AS fact, width, height, format, verdict, etag, last_modified, recorded_at FROM fact_download
  WHERE outcome = 'stored'
    AND source_image_id IN (SELECT source_image_id FROM fact_download WHERE outcome = 'not_modified')`;

const FAILURES = `SELECT rowid AS fact, code, retryable FROM fact_download WHERE outcome = 'failed'`;

const OUTCOME_OF_RANK =
  "CASE i.last_rank WHEN 3 THEN 'stored' WHEN 2 THEN 'not_modified' WHEN 1 THEN 'lost' WHEN 0 THEN 'failed' END";

const STATE = `
  CASE WHEN d.removed_at IS NOT NULL THEN 'removed'
       WHEN d.thumb_downloaded THEN 'stored'
       WHEN d.thumb_url IS NULL THEN 'no_url'
       WHEN i.last_rank = 0 THEN 'failed'
       ELSE 'pending' END`;

/** The view `image`: one row per image with everything that is known about it. */
export const IMAGE_VIEW = `
  WITH numbered AS (${NUMBERED_FACTS}), by_url AS (${BY_URL}), by_image AS (${BY_IMAGE}),
  stored_before AS (${STORED_BEFORE}), failures AS (${FAILURES})
  SELECT d.source_image_id, d.collection, d.catalog_id, d.record, d.thumb_url, d.thumb_url_hash, d.thumb_downloaded,
    d.first_seen_run_id, d.removed_at,
    f.path AS thumb_path, f.bytes AS thumb_bytes, f.sha256 AS thumb_sha256,
    coalesce(f.width, s.width) AS thumb_width, coalesce(f.height, s.height) AS thumb_height,
    coalesce(f.format, s.format) AS thumb_format, coalesce(f.verdict, s.verdict) AS thumb_verdict,
    coalesce(f.etag, s.etag) AS thumb_etag, coalesce(f.last_modified, s.last_modified) AS thumb_last_modified,
    f.url_hash AS thumb_file_url_hash, coalesce(s.recorded_at, f.recorded_at) AS downloaded_at,
    ${OUTCOME_OF_RANK} AS last_outcome,
    e.code AS last_error_code, e.retryable AS last_error_retryable,
    coalesce(i.attempt_count, 0) AS attempt_count,
    ${STATE} AS state
  FROM dim_image d
  LEFT JOIN by_image i ON i.source_image_id = d.source_image_id
  LEFT JOIN fact_download f ON f.rowid = i.file_fact
  LEFT JOIN stored_before s ON s.fact = CASE WHEN i.stored_fact <> i.file_fact THEN i.stored_fact END
  LEFT JOIN failures e ON e.fact = CASE WHEN i.last_rank = 0 THEN i.last_fact END`;

/** The view `image_state`: every image is in exactly one state. */
export const IMAGE_STATE_VIEW = `
  SELECT source_image_id, collection, state, CASE WHEN state = 'failed' THEN last_error_code END AS code FROM image`;

/**
 * Computes the value of `thumb_downloaded` for the images in `touched (source_image_id)`: whether
 * the file for the current URL is stored. Columns: source_image_id, downloaded.
 */
export const DOWNLOADED_OF_TOUCHED = `
  SELECT d.source_image_id, coalesce(k.outcome IN ('stored', 'not_modified'), false) AS downloaded
  FROM dim_image d SEMI JOIN memory.main.touched t ON t.source_image_id = d.source_image_id
  LEFT JOIN (
    SELECT f.source_image_id, f.url_hash, f.outcome,
      row_number() OVER (PARTITION BY f.source_image_id, f.url_hash ORDER BY ${REVERSED_ORDER}) AS nth
    FROM fact_download f SEMI JOIN memory.main.touched t ON t.source_image_id = f.source_image_id
    JOIN etl_run r ON r.run_id = f.run_id
    WHERE f.outcome <> 'failed'
  ) k ON k.source_image_id = d.source_image_id AND k.url_hash = d.thumb_url_hash AND k.nth = 1`;
