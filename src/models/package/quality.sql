-- doc: What may be wrong with stored images: a row for each image and issue, with the value that was found and the limit that it passes.
-- doc: Issues of pixels (dark, bright, blurry, low_information, grey) need the step `features`, near duplicates the step `clusters`.
WITH stored AS (
  SELECT source_image_id, thumb_path, thumb_sha256, thumb_width, thumb_height,
    thumb_width::BIGINT * thumb_height AS pixels,
    -- In the order in which catalogs had the images, which later images do not change.
    {'seen': etl_run.started_at, 'record': record, 'id': source_image_id} AS place
  FROM image
  LEFT JOIN etl_run ON etl_run.run_id = first_seen_run_id
  WHERE image.state = 'stored'
),
measured AS (
  SELECT stored.* EXCLUDE (place), feature.* EXCLUDE (sha256)
  FROM stored
  JOIN feature ON feature.sha256 = stored.thumb_sha256
),
usual AS (
  SELECT median(pixels) AS pixels
  FROM stored
),
copies AS (
  SELECT thumb_sha256, count(*) AS images, min(place).id AS first_image_id
  FROM stored
  WHERE thumb_sha256 IS NOT NULL
  GROUP BY thumb_sha256
  HAVING count(*) > 1
),
issues AS (
  SELECT 'dark' AS issue, source_image_id, brightness::DOUBLE AS value, 0.1 AS "limit"
  FROM measured
  WHERE brightness < 0.1
  UNION ALL
  SELECT 'bright', source_image_id, brightness, 0.95
  FROM measured
  WHERE brightness > 0.95
  UNION ALL
  -- The sharpness of a picture without detail says nothing.
  SELECT 'blurry', source_image_id, sharpness, 50
  FROM measured
  WHERE sharpness < 50 AND pdq_quality >= 50
  UNION ALL
  SELECT 'low_information', source_image_id, entropy, 2
  FROM measured
  WHERE entropy < 2
  UNION ALL
  SELECT 'grey', source_image_id, grey, 0.99
  FROM measured
  WHERE grey > 0.99
  UNION ALL
  SELECT 'odd_aspect', source_image_id,
    round(greatest(thumb_width, thumb_height) / least(thumb_width, thumb_height), 2), 4
  FROM stored
  WHERE least(thumb_width, thumb_height) > 0
    AND greatest(thumb_width, thumb_height) > 4 * least(thumb_width, thumb_height)
  UNION ALL
  -- Against the median of all images: ten times as many pixels, or a tenth of them.
  SELECT 'odd_size', source_image_id, round(stored.pixels / usual.pixels, 4),
    CASE WHEN stored.pixels > usual.pixels THEN 10 ELSE 0.1 END
  FROM stored, usual
  WHERE stored.pixels > 10 * usual.pixels OR stored.pixels < usual.pixels / 10
  UNION ALL
  SELECT 'exact_duplicate', source_image_id, images, 1
  FROM stored
  JOIN copies USING (thumb_sha256)
  WHERE source_image_id <> first_image_id
  UNION ALL
  -- The limit is the distance within which the step `clusters` groups images.
  SELECT 'near_duplicate', source_image_id, distance, 7
  FROM cluster_member
  WHERE kind = 'near' AND NOT is_representative
)
SELECT issue, source_image_id, thumb_path, value, "limit"::DOUBLE AS "limit"
FROM issues
JOIN stored USING (source_image_id)
ORDER BY issue, source_image_id
