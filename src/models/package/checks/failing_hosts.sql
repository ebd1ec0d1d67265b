-- warn
-- doc: Hosts on which more than half of at least 20 images failed.
SELECT host, images, failed, commonest_code
FROM by_host
WHERE images >= 20 AND failed > images / 2
ORDER BY failed DESC, host
