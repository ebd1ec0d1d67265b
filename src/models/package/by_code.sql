-- doc: Why images have failed: each code with its images, the hosts that they are on, and an example.
WITH last_failure AS (
  SELECT source_image_id, arg_max(detail, {'at': recorded_at, 'line': line}) AS detail
  FROM fact_download
  WHERE outcome = 'failed'
  GROUP BY source_image_id
)
SELECT
  last_error_code AS code,
  count(*) AS images,
  count(*) FILTER (last_error_retryable) AS retryable,
  count(DISTINCT lower(regexp_extract(thumb_url, '://(?:[^/?#\\]*@)?([^/?#\\]*)', 1))) AS hosts,
  min(source_image_id) AS example_image_id,
  arg_min(detail, source_image_id) AS example_detail
FROM image
LEFT JOIN last_failure USING (source_image_id)
WHERE state = 'failed'
GROUP BY last_error_code
ORDER BY images DESC, code
