-- warn
-- doc: Stored files that were decoded with warnings.
SELECT source_image_id, thumb_path, thumb_verdict
FROM image
WHERE state = 'stored' AND thumb_verdict = 'suspect'
ORDER BY source_image_id
