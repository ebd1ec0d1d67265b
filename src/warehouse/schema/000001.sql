-- Version 1 of the warehouse: every table and view of the first release.
-- Never edited: a change is a new file with the next number. Each statement ends with a semicolon
-- at the end of a line, and no other line does. docs/reference/warehouse.md describes each column.

CREATE TABLE schema_version (
  version INTEGER NOT NULL,
  applied_at TIMESTAMP NOT NULL
);

CREATE TABLE dim_image (
  source_image_id VARCHAR PRIMARY KEY,
  record BIGINT,
  thumb_url VARCHAR,
  thumb_url_hash VARCHAR,
  thumb_downloaded BOOLEAN NOT NULL DEFAULT false,
  first_seen_run_id VARCHAR,
  removed_at TIMESTAMP
);

-- Replaced by each merge of another catalog, with all of the catalog's columns.
CREATE TABLE catalog_row (
  source_image_id VARCHAR,
  record BIGINT
);

CREATE TABLE fact_download (
  run_id VARCHAR NOT NULL,
  source_image_id VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL,
  code VARCHAR,
  retryable BOOLEAN,
  path VARCHAR,
  bytes BIGINT,
  sha256 VARCHAR,
  width INTEGER,
  height INTEGER,
  format VARCHAR,
  verdict VARCHAR,
  status INTEGER,
  etag VARCHAR,
  last_modified VARCHAR,
  final_host VARCHAR,
  request_count INTEGER,
  detail VARCHAR,
  url_hash VARCHAR NOT NULL,
  ledger VARCHAR NOT NULL,
  line BIGINT NOT NULL,
  execution VARCHAR NOT NULL,
  dispatch BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  recorded_at TIMESTAMP
);

CREATE TABLE catalog_reject (
  run_id VARCHAR NOT NULL,
  record BIGINT,
  line BIGINT,
  source_image_id VARCHAR,
  code VARCHAR NOT NULL,
  detail VARCHAR
);

CREATE TABLE etl_commit (
  ledger VARCHAR PRIMARY KEY,
  run_id VARCHAR NOT NULL,
  byte_count BIGINT NOT NULL,
  digest VARCHAR NOT NULL,
  row_count BIGINT NOT NULL,
  committed_at TIMESTAMP NOT NULL
);

CREATE TABLE etl_run (
  run_id VARCHAR PRIMARY KEY,
  workflow_id VARCHAR,
  state VARCHAR NOT NULL,
  code VARCHAR,
  detail VARCHAR,
  started_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP,
  stored_count BIGINT,
  not_modified_count BIGINT,
  failed_count BIGINT,
  byte_count BIGINT,
  request_count BIGINT
);

CREATE TABLE etl_run_code (
  run_id VARCHAR NOT NULL,
  code VARCHAR NOT NULL,
  image_count BIGINT NOT NULL,
  PRIMARY KEY (run_id, code)
);

CREATE TABLE etl_step (
  run_id VARCHAR NOT NULL,
  step VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  code VARCHAR,
  detail VARCHAR,
  started_at TIMESTAMP,
  ended_at TIMESTAMP,
  done_count BIGINT,
  failed_count BIGINT,
  PRIMARY KEY (run_id, step)
);

-- The fold of an image's outcomes, as src/warehouse/fold.ts explains it.
CREATE VIEW image AS
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
SELECT d.source_image_id, d.record, d.thumb_url, d.thumb_url_hash, d.thumb_downloaded,
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

CREATE VIEW image_state AS
SELECT source_image_id, state, CASE WHEN state = 'failed' THEN last_error_code END AS code
FROM image;
