-- warn
-- doc: A host that sends one file for at least ten URLs, and for 1 % of its images, may send a placeholder in place of them.
WITH stored AS (
  SELECT lower(regexp_extract(thumb_url, '://(?:[^/?#\\]*@)?([^/?#\\]*)', 1)) AS host, *
  FROM image
  WHERE state = 'stored'
),
hosts AS (
  SELECT host, count(*) AS images
  FROM stored
  GROUP BY host
),
files AS (
  SELECT host, thumb_sha256 AS sha256, count(*) AS images, count(DISTINCT thumb_url_hash) AS urls
  FROM stored
  WHERE thumb_sha256 IS NOT NULL
  GROUP BY ALL
  HAVING urls >= 10
)
SELECT host, sha256, files.images AS images, urls, hosts.images AS images_of_host
FROM files
JOIN hosts USING (host)
WHERE files.images >= hosts.images / 100
ORDER BY files.images DESC, host, sha256
