-- Version 4: what files say of themselves in EXIF.

ALTER TABLE fact_feature ADD COLUMN taken_at TIMESTAMP;

ALTER TABLE fact_feature ADD COLUMN metadata VARCHAR;

-- The views as before, with the two columns.
CREATE OR REPLACE VIEW feature AS
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
  f.palette, f.colour, f.placeholder, f.look, f.taken_at, f.metadata
FROM fact_feature f
JOIN chosen c ON c.fact = f.rowid;

CREATE OR REPLACE VIEW image_feature AS
SELECT i.source_image_id, i.thumb_path, f.sha256, f.version, f.phash, f.pdq_0, f.pdq_1, f.pdq_2,
  f.pdq_3, f.pdq_quality, f.brightness, f.contrast, f.entropy, f.sharpness, f.colourfulness, f.grey,
  f.transparent, f.border, f.palette, f.colour, f.placeholder, f.look, f.taken_at, f.metadata
FROM image i
JOIN feature f ON f.sha256 = i.thumb_sha256
WHERE i.state = 'stored';
