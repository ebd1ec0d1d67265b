-- doc: Groups of stored images that are copies: `exact` have equal bytes; `near`, which the step `clusters` finds, look equal.
-- doc: Images that share a URL are one file on disk, so only further URLs waste bytes.
WITH exact AS (
  SELECT
    'exact' AS kind,
    left(thumb_sha256, 16) AS cluster_id,
    count(*) AS images,
    1::BIGINT AS files,
    count(DISTINCT thumb_url_hash) AS urls,
    ((count(DISTINCT thumb_url_hash) - 1) * any_value(thumb_bytes))::BIGINT AS wasted_bytes,
    -- The one that a catalog had first.
    min({'seen': etl_run.started_at, 'record': record, 'id': source_image_id}).id AS example_image_id,
    any_value(thumb_sha256) AS example_sha256
  FROM image
  LEFT JOIN etl_run ON etl_run.run_id = first_seen_run_id
  WHERE image.state = 'stored' AND thumb_sha256 IS NOT NULL
  GROUP BY thumb_sha256
  HAVING count(*) > 1
),
near_urls AS (
  SELECT cluster_id, count(DISTINCT thumb_url_hash) AS urls
  FROM cluster_member
  JOIN image USING (source_image_id)
  WHERE kind = 'near'
  GROUP BY cluster_id
)
SELECT *
FROM exact
UNION ALL BY NAME
SELECT
  'near' AS kind,
  cluster_id,
  size::BIGINT AS images,
  files::BIGINT AS files,
  urls,
  wasted_bytes,
  representative_image_id AS example_image_id,
  representative_sha256 AS example_sha256
FROM cluster
LEFT JOIN near_urls USING (cluster_id)
WHERE kind = 'near'
ORDER BY kind, images DESC, cluster_id
