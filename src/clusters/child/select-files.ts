/** Selects what is grouped: the stored images, their files, and what was computed of these. */
import type { DuckDBConnection } from '@duckdb/node-api';

/** The columns of features that groups depend on. */
export const COMPARED_COLUMNS = [
  'sha256',
  'version',
  'phash',
  'pdq_0',
  'pdq_1',
  'pdq_2',
  'pdq_3',
  'pdq_quality',
  'colour',
  'look',
];

/**
 * Creates three tables in `memory.main`:
 *
 * - `stored`: a row for each stored image. `catalog_place` numbers them in the order in which
 *   catalogs had them, so that the first of several copies stays it when others are added.
 * - `file`: a row for each sha256. Files are numbered by `place` in the order in which they become
 *   representatives: most pixels, then most bytes, then the smallest sha256. `urls` is the number
 *   of files on disk, because images that share a URL are hard links.
 * - `compared`: the features of the files that have any, numbered from 0 on by `near_rank` in the
 *   order of `place`, and by `visual_rank` in that of the sha256. Only features of the newest
 *   version can be compared with one another.
 */
export async function selectFiles(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `CREATE TABLE memory.main.stored AS
     SELECT source_image_id, thumb_sha256 AS sha256, thumb_file_url_hash AS url_hash,
       thumb_bytes AS bytes, thumb_width::BIGINT * thumb_height AS pixels,
       row_number() OVER (ORDER BY run.started_at, record, source_image_id) AS catalog_place
     FROM snapshot.main.image
     LEFT JOIN snapshot.main.etl_run run ON run.run_id = first_seen_run_id
     WHERE image.state = 'stored' AND thumb_sha256 IS NOT NULL`,
  );
  await connection.run(
    `CREATE TABLE memory.main.file AS
     WITH by_content AS (
       SELECT sha256, coalesce(max(pixels), 0) AS pixels, max(bytes) AS bytes,
         arg_min(source_image_id, catalog_place) AS image_id,
         count(*) AS images, count(DISTINCT url_hash) AS urls
       FROM memory.main.stored
       GROUP BY sha256
     )
     SELECT (row_number() OVER (ORDER BY pixels DESC, bytes DESC, sha256) - 1)::UINTEGER AS place, *
     FROM by_content`,
  );
  await connection.run(
    `CREATE TABLE memory.main.compared AS
     SELECT ${COMPARED_COLUMNS.map((column) => `feature.${column}`).join(', ')},
       (row_number() OVER (ORDER BY file.place) - 1)::UINTEGER AS near_rank,
       (row_number() OVER (ORDER BY file.sha256) - 1)::UINTEGER AS visual_rank
     FROM memory.main.file
     JOIN snapshot.main.feature USING (sha256)
     WHERE feature.version = (SELECT max(version) FROM snapshot.main.feature)`,
  );
}
