/** Finds files that a host sends instead of many of its images. */
import { hostOfUrlSql } from '../../contract/hosts/host-of-url-sql';
import { LEAST_SHARE, LEAST_URLS, type Placeholder } from '../../contract/placeholders';
import type { Database } from '../driver/database';
import { rowsOf } from '../driver/database';

const MOST_PLACEHOLDERS = 10;

const HOST = hostOfUrlSql('thumb_url');

/**
 * The first step reads every image and represents hashes by numbers: hashes of 64 digits would take
 * several times the memory.
 */
const FIND_PLACEHOLDERS = `
  WITH repeated AS (
    SELECT hash(thumb_sha256) AS file FROM image WHERE state = 'stored'
    GROUP BY file HAVING count(*) >= ${LEAST_URLS}),
  files AS (
    SELECT ${HOST} AS host, thumb_sha256 AS sha256, count(*) AS images,
      count(DISTINCT thumb_url_hash) AS urls
    FROM image WHERE state = 'stored' AND hash(thumb_sha256) IN (FROM repeated)
    GROUP BY ALL HAVING urls >= ${LEAST_URLS}),
  hosts AS (
    SELECT ${HOST} AS host, count(*) AS images FROM image
    WHERE state = 'stored' AND host IN (SELECT host FROM files) GROUP BY ALL)
  SELECT host, sha256, files.images AS images, urls, hosts.images AS "of"
  FROM files JOIN hosts USING (host) WHERE files.images >= ${LEAST_SHARE} * hosts.images
  ORDER BY files.images DESC, host, sha256 LIMIT ${MOST_PLACEHOLDERS}`;

/** The files with the most images come first. */
export async function findPlaceholders(database: Database): Promise<readonly Placeholder[]> {
  const rows = await rowsOf(database, FIND_PLACEHOLDERS);
  return rows.map(({ host, sha256, images, urls, of }) => ({
    host: String(host),
    sha256: String(sha256),
    images: Number(images),
    urls: Number(urls),
    of: Number(of),
  }));
}
