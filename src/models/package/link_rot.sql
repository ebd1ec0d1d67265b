-- doc: Images that were stored once and were gone, unreachable or changed when their URL was asked last.
WITH asked AS (
  SELECT fact_download.*
  FROM fact_download
  JOIN image
    ON image.source_image_id = fact_download.source_image_id
    AND image.thumb_url_hash = fact_download.url_hash
  WHERE image.state <> 'removed'
),
by_image AS (
  SELECT
    source_image_id,
    min(recorded_at) FILTER (outcome = 'stored') AS first_stored_at,
    max(recorded_at) FILTER (outcome <> 'lost') AS last_asked_at,
    -- The newest bytes, and those that were stored before them.
    arg_max(sha256, recorded_at, 2) FILTER (outcome = 'stored') AS newest
  FROM asked
  GROUP BY source_image_id
  HAVING count(*) FILTER (outcome = 'stored') > 0
)
SELECT
  source_image_id,
  lower(regexp_extract(thumb_url, '://(?:[^/?#\\]*@)?([^/?#\\]*)', 1)) AS host,
  thumb_url,
  CASE
    WHEN last_outcome <> 'failed' THEN 'changed'
    WHEN last_error_code IN ('http_404', 'http_410', 'not_an_image', 'dns') THEN 'gone'
    ELSE 'unreachable'
  END AS what,
  CASE WHEN last_outcome = 'failed' THEN last_error_code END AS code,
  first_stored_at,
  last_asked_at,
  newest[1] AS sha256,
  newest[2] AS former_sha256
FROM by_image
JOIN image USING (source_image_id)
WHERE last_outcome = 'failed' OR (last_outcome = 'stored' AND newest[1] <> newest[2])
ORDER BY what, source_image_id
