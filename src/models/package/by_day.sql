-- doc: Each day (UTC) with the outcomes that were recorded, their requests, and the bytes of stored images.
SELECT
  recorded_at::DATE AS day,
  count(DISTINCT source_image_id) AS images,
  count(*) FILTER (outcome = 'stored') AS stored,
  count(*) FILTER (outcome = 'not_modified') AS not_modified,
  count(*) FILTER (outcome = 'failed') AS failed,
  count(*) FILTER (outcome = 'lost') AS lost,
  coalesce(sum(bytes) FILTER (outcome = 'stored'), 0)::BIGINT AS bytes,
  coalesce(sum(request_count), 0)::BIGINT AS requests
FROM fact_download
WHERE recorded_at IS NOT NULL
GROUP BY day
ORDER BY day
