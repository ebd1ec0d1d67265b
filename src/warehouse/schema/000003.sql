-- Collections: the listing that an image belongs to, and the id that it has there.
-- Every image so far is of the unnamed collection, whose ids are the catalog's.

ALTER TABLE dim_image ADD COLUMN collection VARCHAR;

ALTER TABLE dim_image ADD COLUMN catalog_id VARCHAR;

-- After all that alters the table: the other way round DuckDB refuses the COMMIT.
UPDATE dim_image SET catalog_id = source_image_id;

-- The views as before, with the two columns.
CREATE OR REPLACE VIEW image AS
WITH numbered AS (
  SELECT f.rowid AS fact, f.source_image_id, f.url_hash, f.outcome,
    row_number() OVER (
      PARTITION BY f.source_image_id
      ORDER BY r.started_at, f.run_id,
        CASE outcome WHEN 'stored' THEN 3 WHEN 'not_modified' THEN 2 WHEN 'lost' THEN 1 ELSE 0 END,
        f.dispatch, f.attempt, f.line, f.execution
    ) AS seq
  FROM fact_download f
  JOIN etl_run r ON r.run_id = f.run_id
),
by_url AS (
  SELECT source_image_id, url_hash, count(*) AS attempts,
    arg_max(fact, seq) AS last_fact,
    arg_max(
      CASE outcome WHEN 'stored' THEN 3 WHEN 'not_modified' THEN 2 WHEN 'lost' THEN 1 ELSE 0 END,
      seq
    ) AS last_rank,
    max(seq) FILTER (outcome <> 'failed') AS kept_seq,
    arg_max(fact, seq) FILTER (outcome <> 'failed') AS kept_fact,
    coalesce(
      arg_max(outcome IN ('stored', 'not_modified'), seq) FILTER (outcome <> 'failed'),
      false
    ) AS has_file,
    arg_max(fact, seq) FILTER (outcome = 'stored') AS stored_fact
  FROM numbered
  GROUP BY source_image_id, url_hash
),
by_image AS (
  SELECT d.source_image_id, sum(u.attempts)::BIGINT AS attempt_count,
    max(u.last_fact) FILTER (u.url_hash = d.thumb_url_hash) AS last_fact,
    max(u.last_rank) FILTER (u.url_hash = d.thumb_url_hash) AS last_rank,
    CASE WHEN max(u.kept_seq) FILTER (u.url_hash = d.thumb_url_hash) IS NULL
      THEN arg_max_null(u.kept_fact, u.kept_seq) FILTER (u.has_file)
      ELSE max(u.kept_fact) FILTER (u.url_hash = d.thumb_url_hash AND u.has_file)
    END AS file_fact,
    CASE WHEN max(u.kept_seq) FILTER (u.url_hash = d.thumb_url_hash) IS NULL
      THEN arg_max_null(u.stored_fact, u.kept_seq) FILTER (u.has_file)
      ELSE max(u.stored_fact) FILTER (u.url_hash = d.thumb_url_hash AND u.has_file)
    END AS stored_fact
  FROM by_url u
  JOIN dim_image d ON d.source_image_id = u.source_image_id
  GROUP BY d.source_image_id
),
stored_before AS (
  SELECT rowid AS fact, width, height, format, verdict, etag, last_modified, recorded_at
  FROM fact_download
  WHERE outcome = 'stored'
    AND source_image_id IN (SELECT source_image_id FROM fact_download WHERE outcome = 'not_modified')
),
failures AS (
  SELECT rowid AS fact, code, retryable FROM fact_download WHERE outcome = 'failed'
)
SELECT d.source_image_id, d.collection, d.catalog_id, d.record, d.thumb_url, d.thumb_url_hash, d.thumb_downloaded,
  d.first_seen_run_id, d.removed_at,
  f.path AS thumb_path,
  f.bytes AS thumb_bytes,
  f.sha256 AS thumb_sha256,
  coalesce(f.width, s.width) AS thumb_width,
  coalesce(f.height, s.height) AS thumb_height,
  coalesce(f.format, s.format) AS thumb_format,
  coalesce(f.verdict, s.verdict) AS thumb_verdict,
  coalesce(f.etag, s.etag) AS thumb_etag,
  coalesce(f.last_modified, s.last_modified) AS thumb_last_modified,
  f.url_hash AS thumb_file_url_hash,
  coalesce(s.recorded_at, f.recorded_at) AS downloaded_at,
  CASE i.last_rank
    WHEN 3 THEN 'stored' WHEN 2 THEN 'not_modified' WHEN 1 THEN 'lost' WHEN 0 THEN 'failed'
  END AS last_outcome,
  e.code AS last_error_code,
  e.retryable AS last_error_retryable,
  coalesce(i.attempt_count, 0) AS attempt_count,
  CASE
    WHEN d.removed_at IS NOT NULL THEN 'removed'
    WHEN d.thumb_downloaded THEN 'stored'
    WHEN d.thumb_url IS NULL THEN 'no_url'
    WHEN i.last_rank = 0 THEN 'failed'
    ELSE 'pending'
  END AS state
FROM dim_image d
LEFT JOIN by_image i ON i.source_image_id = d.source_image_id
LEFT JOIN fact_download f ON f.rowid = i.file_fact
LEFT JOIN stored_before s ON s.fact = CASE WHEN i.stored_fact <> i.file_fact THEN i.stored_fact END
LEFT JOIN failures e ON e.fact = CASE WHEN i.last_rank = 0 THEN i.last_fact END;

CREATE OR REPLACE VIEW image_state AS
SELECT source_image_id, collection, state, CASE WHEN state = 'failed' THEN last_error_code END AS code
FROM image;
