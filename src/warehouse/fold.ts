/**
 * The fold: what the warehouse says of an image, from its outcomes, as SQL.
 *
 * A pure function of the facts, whatever the order, repetition or overlap in which ledgers are committed.
 * **Source** the public contract, sections "Ledger line" (Fold) and "Warehouse".
 */

/** Per run `stored` beats `not_modified` beats `lost` beats `failed`. */
export const OUTCOME_RANK =
  "CASE outcome WHEN 'stored' THEN 3 WHEN 'not_modified' THEN 2 WHEN 'lost' THEN 1 ELSE 0 END";

/** The order in which outcomes of an image count, over runs; the last one decides. */
const ORDER = `r.started_at, f.run_id, ${OUTCOME_RANK}, f.dispatch, f.attempt, f.line, f.execution`;

/**
 * `seq`: an image's outcomes numbered in that order. One window over all facts was the quickest way measured
 * (1 M facts: 0.5 s, against 0.7 s and more for aggregates over structs).
 */
const NUMBERED = `
  SELECT f.*, row_number() OVER (PARTITION BY f.source_image_id ORDER BY ${ORDER}) AS seq
  FROM fact_download f JOIN etl_run r ON r.run_id = f.run_id`;

/** The last outcome of an image for one URL that says something of its file; `failed` does not. */
const KEPT = "FILTER (outcome <> 'failed')";
const WITH_FILE = "FILTER (outcome IN ('stored', 'not_modified'))";

/** One row per image and URL: its last outcome, and the file that its outcomes leave. */
const BY_URL = `
  SELECT source_image_id, url_hash,
    arg_max(outcome, seq) AS last_outcome,
    arg_max_null(code, seq) AS last_code,
    arg_max(retryable, seq) AS last_retryable,
    max(seq) ${KEPT} AS kept_seq,
    arg_max(outcome, seq) ${KEPT} AS kept_outcome,
    arg_max({'path': path, 'bytes': bytes, 'sha256': sha256, 'width': width, 'height': height,
      'format': format, 'verdict': verdict, 'etag': etag, 'last_modified': last_modified}, seq) ${KEPT} AS kept,
    arg_max({'width': width, 'height': height, 'format': format, 'verdict': verdict, 'etag': etag,
      'last_modified': last_modified}, seq) FILTER (outcome = 'stored') AS stored,
    arg_max(recorded_at, seq) FILTER (outcome = 'stored') AS stored_at,
    arg_max(recorded_at, seq) ${WITH_FILE} AS confirmed_at
  FROM numbered GROUP BY source_image_id, url_hash`;

/** A confirmation (`not_modified`) may lack what was learnt when the same bytes were stored. */
const FILES = `
  SELECT source_image_id, url_hash, kept_seq, kept.path AS path, kept.bytes AS bytes, kept.sha256 AS sha256,
    coalesce(kept.width, stored.width) AS width, coalesce(kept.height, stored.height) AS height,
    coalesce(kept.format, stored.format) AS format, coalesce(kept.verdict, stored.verdict) AS verdict,
    coalesce(kept.etag, stored.etag) AS etag, coalesce(kept.last_modified, stored.last_modified) AS last_modified,
    coalesce(stored_at, confirmed_at) AS downloaded_at
  FROM by_url WHERE kept_outcome IN ('stored', 'not_modified')`;

/**
 * The file of an image: of its current URL, else of the URL that was stored last.
 * A `lost` for the current URL takes the file away, and an older URL's file does not come back in its place.
 */
const FILE_OF = `
  SELECT f.* FROM files f JOIN dim_image d ON d.source_image_id = f.source_image_id
  LEFT JOIN by_url c ON c.source_image_id = d.source_image_id AND c.url_hash = d.thumb_url_hash
  WHERE c.kept_outcome IS NULL OR f.url_hash = d.thumb_url_hash
  QUALIFY row_number() OVER (PARTITION BY f.source_image_id ORDER BY f.kept_seq DESC) = 1`;

const STATE = `
  CASE WHEN d.removed_at IS NOT NULL THEN 'removed'
       WHEN d.thumb_downloaded THEN 'stored'
       WHEN d.thumb_url IS NULL THEN 'no_url'
       WHEN u.last_outcome = 'failed' THEN 'failed'
       ELSE 'pending' END`;

/** The view `image`: one row an image with all that is known. */
export const IMAGE_VIEW = `
  WITH numbered AS (${NUMBERED}), by_url AS (${BY_URL}), files AS (${FILES}), file_of AS (${FILE_OF}),
  attempts AS (SELECT source_image_id, count(*) AS attempt_count FROM fact_download GROUP BY source_image_id)
  SELECT d.source_image_id, d.record, d.thumb_url, d.thumb_url_hash, d.thumb_downloaded, d.first_seen_run_id, d.removed_at,
    f.path AS thumb_path, f.bytes AS thumb_bytes, f.sha256 AS thumb_sha256, f.width AS thumb_width,
    f.height AS thumb_height, f.format AS thumb_format, f.verdict AS thumb_verdict, f.etag AS thumb_etag,
    f.last_modified AS thumb_last_modified, f.url_hash AS thumb_file_url_hash, f.downloaded_at,
    u.last_outcome,
    CASE WHEN u.last_outcome = 'failed' THEN u.last_code END AS last_error_code,
    CASE WHEN u.last_outcome = 'failed' THEN u.last_retryable END AS last_error_retryable,
    coalesce(a.attempt_count, 0) AS attempt_count,
    ${STATE} AS state
  FROM dim_image d
  LEFT JOIN by_url u ON u.source_image_id = d.source_image_id AND u.url_hash = d.thumb_url_hash
  LEFT JOIN file_of f ON f.source_image_id = d.source_image_id
  LEFT JOIN attempts a ON a.source_image_id = d.source_image_id`;

/** The view `image_state`: every image is in exactly one state. */
export const IMAGE_STATE_VIEW = `
  SELECT source_image_id, state, CASE WHEN state = 'failed' THEN last_error_code END AS code FROM image`;

/**
 * Images of `touched (source_image_id)` whose file for the current URL is stored: what `thumb_downloaded` must say.
 * Shape: source_image_id, downloaded.
 */
export const DOWNLOADED_OF_TOUCHED = `
  SELECT d.source_image_id, coalesce(k.outcome IN ('stored', 'not_modified'), false) AS downloaded
  FROM dim_image d SEMI JOIN memory.main.touched t ON t.source_image_id = d.source_image_id
  LEFT JOIN (
    SELECT f.source_image_id, f.url_hash, f.outcome,
      row_number() OVER (PARTITION BY f.source_image_id, f.url_hash ORDER BY ${ORDER.split(', ')
        .map((term) => `${term} DESC`)
        .join(', ')}) AS nth
    FROM fact_download f SEMI JOIN memory.main.touched t ON t.source_image_id = f.source_image_id
    JOIN etl_run r ON r.run_id = f.run_id
    WHERE f.outcome <> 'failed'
  ) k ON k.source_image_id = d.source_image_id AND k.url_hash = d.thumb_url_hash AND k.nth = 1`;
