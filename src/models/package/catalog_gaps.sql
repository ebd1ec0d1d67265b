-- doc: What the catalog promises and the collection lacks: images without a URL, images that failed for good, and rows that were rejected.
-- doc: Rejected rows are those of the newest run that rejected any.
WITH rejecting_run AS (
  SELECT arg_max(run_id, started_at) AS run_id
  FROM etl_run
  WHERE run_id IN (SELECT run_id FROM catalog_reject)
)
SELECT
  CASE state WHEN 'no_url' THEN 'no_url' ELSE 'failed_for_good' END AS gap,
  collection,
  source_image_id,
  record,
  CASE state WHEN 'failed' THEN last_error_code END AS code,
  thumb_url AS detail
FROM image
WHERE state = 'no_url' OR (state = 'failed' AND NOT last_error_retryable)
UNION ALL BY NAME
SELECT 'rejected' AS gap, source_image_id, record, code, detail
FROM catalog_reject
JOIN rejecting_run USING (run_id)
ORDER BY gap, collection, record, source_image_id
