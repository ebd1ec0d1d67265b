-- doc: Each host with its images by state, and what it cost: requests, bytes, and the share of images that failed.
WITH images AS (
  SELECT lower(regexp_extract(thumb_url, '://(?:[^/?#\\]*@)?([^/?#\\]*)', 1)) AS host, *
  FROM image
  WHERE thumb_url IS NOT NULL AND state <> 'removed'
),
-- Requests for the URLs that images have now. Requests for former URLs went to other places.
requests AS (
  SELECT source_image_id, url_hash, sum(request_count) AS requests
  FROM fact_download
  GROUP BY ALL
)
SELECT
  host,
  count(*) AS images,
  count(*) FILTER (state = 'stored') AS stored,
  count(*) FILTER (state = 'failed') AS failed,
  count(*) FILTER (state = 'pending') AS pending,
  round(count(*) FILTER (state = 'failed') / count(*), 4) AS failed_share,
  mode(last_error_code ORDER BY last_error_code) FILTER (state = 'failed') AS commonest_code,
  coalesce(sum(requests), 0)::BIGINT AS requests,
  coalesce(sum(thumb_bytes) FILTER (state = 'stored'), 0)::BIGINT AS bytes,
  min(downloaded_at) FILTER (state = 'stored') AS first_downloaded_at,
  max(downloaded_at) FILTER (state = 'stored') AS last_downloaded_at
FROM images
LEFT JOIN requests
  ON requests.source_image_id = images.source_image_id AND requests.url_hash = images.thumb_url_hash
GROUP BY host
ORDER BY images DESC, host
