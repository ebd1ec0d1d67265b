-- doc: Each run with how long it took, what it stored, and how many images were new in it.
WITH new_images AS (
  SELECT first_seen_run_id AS run_id, count(*) AS new_images
  FROM dim_image
  GROUP BY first_seen_run_id
)
SELECT
  run_id,
  workflow_id,
  state,
  code,
  started_at,
  ended_at,
  date_diff('millisecond', started_at, ended_at) / 1000 AS seconds,
  coalesce(new_images, 0) AS new_images,
  stored_count AS stored,
  not_modified_count AS not_modified,
  failed_count AS failed,
  byte_count AS bytes,
  request_count AS requests,
  round(stored_count / nullif(date_diff('millisecond', started_at, ended_at) / 1000, 0), 2)
    AS stored_per_second
FROM etl_run
LEFT JOIN new_images USING (run_id)
ORDER BY started_at, run_id
