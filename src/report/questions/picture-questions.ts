/** Which pictures a report shows. Each query can be pasted as it is. */
import { literal } from '../../duckdb/sql-text';
import { isMeant, type CollectionOfRun } from './collection-questions';

/** Pictures of a sheet of images, of new ones and of those with the same issue. */
const MOST_PICTURES = 24;

/** Groups of near duplicates and of images that look alike, and the pictures of one of them. */
const GROUPS = { near: { groups: 8, pictures: 6 }, visual: { groups: 12, pictures: 8 } } as const;
export type GroupKind = keyof typeof GROUPS;

const PICTURE = 'source_image_id AS id, thumb_sha256 AS sha256, thumb_path AS path';
const HAS_FILE = "state = 'stored' AND thumb_path IS NOT NULL";

/** Whether the step `features` has computed anything, and which tables pictures are chosen by. */
export const PICTURE_TABLES_SQL = `SELECT table_name AS name FROM duckdb_tables()
WHERE database_name = 'snapshot' AND table_name IN ('feature', 'quality', 'cluster', 'cluster_member')
  AND estimated_size > 0`;

/** The first of the images that the run added. */
export function newPicturesSql(of: CollectionOfRun): string {
  return `SELECT ${PICTURE}, count(*) OVER () AS images
FROM image
WHERE ${isMeant(of)} AND ${HAS_FILE} AND first_seen_run_id = ${literal(of.runId)}
ORDER BY record, source_image_id LIMIT ${MOST_PICTURES}`;
}

/** Puts those images of an issue first that pass the limit of the model `quality` by most. */
export const BY_EXCESS_SQL =
  "CASE WHEN issue IN ('blurry', 'dark', 'low_information') THEN value ELSE -value END";

/** Of each issue of pixels or shape the images that pass its limit by most. */
export function issuePicturesSql(of: CollectionOfRun): string {
  return `SELECT issue, ${PICTURE}, count(*) OVER (PARTITION BY issue) AS images
FROM (SELECT source_image_id, issue, value FROM quality) JOIN image USING (source_image_id)
WHERE ${isMeant(of)} AND ${HAS_FILE} AND issue NOT IN ('exact_duplicate', 'near_duplicate')
WINDOW by_excess AS (PARTITION BY issue ORDER BY
  ${BY_EXCESS_SQL}, source_image_id)
QUALIFY row_number() OVER by_excess <= ${MOST_PICTURES}
ORDER BY issue, row_number() OVER by_excess`;
}

/** One picture of each of the largest groups of copies. */
export function copyPicturesSql(of: CollectionOfRun): string {
  return `SELECT thumb_sha256 AS sha256, any_value(thumb_path) AS path, count(*) AS images,
  arg_min(source_image_id, record) AS id
FROM image
WHERE ${isMeant(of)} AND ${HAS_FILE} AND thumb_sha256 IS NOT NULL
GROUP BY thumb_sha256 HAVING count(*) > 1
ORDER BY images DESC, sha256 LIMIT ${MOST_PICTURES}`;
}

/** The first images of each of the largest groups, those in the middle of a group first. */
export function groupPicturesSql(of: CollectionOfRun, kind: GroupKind): string {
  const { groups, pictures } = GROUPS[kind];
  return `WITH meant AS (SELECT ${PICTURE} FROM image WHERE ${isMeant(of)} AND ${HAS_FILE}),
members AS (
  SELECT cluster_id, distance, meant.*, count(*) OVER (PARTITION BY cluster_id) AS images
  FROM cluster_member JOIN meant ON meant.id = source_image_id
  WHERE kind = ${literal(kind)}),
largest AS (
  SELECT cluster_id FROM members GROUP BY cluster_id HAVING count(*) > 1
  ORDER BY count(*) DESC, cluster_id LIMIT ${groups})
SELECT cluster_id, label, members.id, members.sha256, path, images
FROM members JOIN largest USING (cluster_id)
JOIN cluster USING (cluster_id)
WHERE cluster.kind = ${literal(kind)}
QUALIFY row_number() OVER (PARTITION BY cluster_id ORDER BY distance, members.id) <= ${pictures}
ORDER BY images DESC, cluster_id, distance, members.id`;
}
