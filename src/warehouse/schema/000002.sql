-- Version 2: features of stored files.
-- fact_feature has one row per line of a feature ledger; rows are only added. The values belong to
-- the bytes with this sha256, and to the version of the features.

CREATE TABLE fact_feature (
  run_id VARCHAR NOT NULL,
  sha256 VARCHAR NOT NULL,
  version INTEGER NOT NULL,
  outcome VARCHAR NOT NULL,
  code VARCHAR,
  detail VARCHAR,
  phash BIGINT,
  pdq_0 BIGINT,
  pdq_1 BIGINT,
  pdq_2 BIGINT,
  pdq_3 BIGINT,
  pdq_quality INTEGER,
  brightness FLOAT,
  contrast FLOAT,
  entropy FLOAT,
  sharpness FLOAT,
  colourfulness FLOAT,
  grey FLOAT,
  transparent FLOAT,
  border FLOAT,
  palette STRUCT(l FLOAT, a FLOAT, b FLOAT, share FLOAT)[],
  colour VARCHAR,
  placeholder BLOB,
  look BLOB,
  lane VARCHAR,
  ledger VARCHAR NOT NULL,
  line BIGINT NOT NULL,
  execution VARCHAR NOT NULL,
  dispatch BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  recorded_at TIMESTAMP
);

-- The newest version of each file that was computed. Rows of one file and version have equal values.
CREATE VIEW feature AS
WITH newest AS (
  SELECT sha256, max(version) AS version FROM fact_feature WHERE outcome = 'computed' GROUP BY sha256
),
chosen AS (
  SELECT max(f.rowid) AS fact
  FROM fact_feature f
  JOIN newest n ON n.sha256 = f.sha256 AND n.version = f.version
  WHERE f.outcome = 'computed'
  GROUP BY f.sha256
)
SELECT f.sha256, f.version, f.phash, f.pdq_0, f.pdq_1, f.pdq_2, f.pdq_3, f.pdq_quality,
  f.brightness, f.contrast, f.entropy, f.sharpness, f.colourfulness, f.grey, f.transparent, f.border,
  f.palette, f.colour, f.placeholder, f.look
FROM fact_feature f
JOIN chosen c ON c.fact = f.rowid;

-- Every stored file in exactly one state, by the newest version that any file was computed with.
CREATE VIEW feature_state AS
WITH stored AS (
  SELECT thumb_sha256 AS sha256 FROM image WHERE state = 'stored' AND thumb_sha256 IS NOT NULL
  GROUP BY thumb_sha256
),
recorded AS (
  SELECT sha256, bool_or(outcome = 'computed') AS is_computed,
    arg_max(code, {'at': recorded_at, 'ledger': ledger, 'line': line}) FILTER (outcome = 'failed') AS code
  FROM fact_feature
  WHERE version = (SELECT max(version) FROM fact_feature)
  GROUP BY sha256
)
SELECT s.sha256,
  CASE WHEN r.is_computed THEN 'computed' WHEN r.sha256 IS NOT NULL THEN 'failed' ELSE 'pending' END AS state,
  CASE WHEN NOT r.is_computed THEN r.code END AS code
FROM stored s
LEFT JOIN recorded r ON r.sha256 = s.sha256;

-- One row for each stored image whose file has features: copies share one.
CREATE VIEW image_feature AS
SELECT i.source_image_id, i.thumb_path, f.sha256, f.version, f.phash, f.pdq_0, f.pdq_1, f.pdq_2,
  f.pdq_3, f.pdq_quality, f.brightness, f.contrast, f.entropy, f.sharpness, f.colourfulness, f.grey,
  f.transparent, f.border, f.palette, f.colour, f.placeholder, f.look
FROM image i
JOIN feature f ON f.sha256 = i.thumb_sha256
WHERE i.state = 'stored';
