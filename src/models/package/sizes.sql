-- doc: How large stored images are: classes of the longer side in pixels, each twice as large as the one before.
WITH sized AS (
  SELECT greatest(thumb_width, thumb_height) AS longer_side, *
  FROM image
  WHERE state = 'stored' AND thumb_width > 0 AND thumb_height > 0
),
classes AS (
  SELECT (2 ** floor(log2(longer_side)))::BIGINT AS from_pixels, *
  FROM sized
)
SELECT
  from_pixels,
  2 * from_pixels - 1 AS to_pixels,
  count(*) AS images,
  count(*) FILTER (thumb_width > thumb_height) AS landscape,
  count(*) FILTER (thumb_width < thumb_height) AS portrait,
  count(*) FILTER (thumb_width = thumb_height) AS square,
  sum(thumb_bytes)::BIGINT AS bytes,
  median(thumb_bytes)::BIGINT AS median_bytes
FROM classes
GROUP BY from_pixels
ORDER BY from_pixels
