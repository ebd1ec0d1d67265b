-- doc: Each image format with its images, its different files, and their usual sizes in bytes and pixels.
WITH stored AS (
  SELECT *
  FROM image
  WHERE state = 'stored'
)
SELECT
  thumb_format AS format,
  count(*) AS images,
  count(DISTINCT thumb_sha256) AS files,
  count(*) FILTER (thumb_verdict <> 'valid') AS doubtful,
  sum(thumb_bytes)::BIGINT AS bytes,
  median(thumb_bytes)::BIGINT AS median_bytes,
  max(thumb_bytes) AS max_bytes,
  median(thumb_width)::INTEGER AS median_width,
  median(thumb_height)::INTEGER AS median_height,
  round(sum(thumb_bytes) / nullif(sum(thumb_width::BIGINT * thumb_height), 0), 3) AS bytes_per_pixel
FROM stored
GROUP BY thumb_format
ORDER BY images DESC, format
