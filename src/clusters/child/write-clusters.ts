/** Writes the tables `cluster` and `cluster_member` to the derived file. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { recordOrigin, type Origin } from '../../processes/attached-files';

/** docs/reference/warehouse.md describes the columns. */
const TABLES = `
  CREATE TABLE derived.main.cluster (kind VARCHAR NOT NULL, cluster_id VARCHAR NOT NULL,
    size INTEGER NOT NULL, files INTEGER NOT NULL, representative_sha256 VARCHAR NOT NULL,
    representative_image_id VARCHAR NOT NULL, max_distance SMALLINT NOT NULL, wasted_bytes BIGINT,
    label VARCHAR, parent_id VARCHAR);
  CREATE TABLE derived.main.cluster_member (kind VARCHAR NOT NULL, cluster_id VARCHAR NOT NULL,
    source_image_id VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, distance FLOAT NOT NULL,
    is_representative BOOLEAN NOT NULL)`;

/** A file in a group, with the file that represents the group. */
const GROUPED_FILES = `
  CREATE TABLE memory.main.grouped AS
  SELECT 'exact' AS kind, left(sha256, 16) AS cluster_id, NULL::VARCHAR AS parent_id, sha256,
    sha256 AS representative, 0::FLOAT AS distance
  FROM memory.main.file
  WHERE images > 1
  UNION ALL
  SELECT 'near', left(r.sha256, 16), NULL, f.sha256, r.sha256, bit_count(xor(f.phash, r.phash))
  FROM memory.main.near
  JOIN memory.main.compared f USING (near_rank)
  JOIN memory.main.compared r ON r.near_rank = near.representative_rank
  UNION ALL
  SELECT 'visual', ${visualId('outer_group')} || '-' || ${visualId('inner_group')},
    ${visualId('outer_group')}, sha256,
    first_value(sha256) OVER (PARTITION BY outer_group, inner_group ORDER BY represents_part DESC),
    distance
  FROM memory.main.visual
  JOIN memory.main.compared USING (visual_rank)`;

/**
 * All groups that have rows in `cluster_member`: exact copies, near duplicates, and parts of visual
 * groups.
 */
const CLUSTERS = `
  INSERT INTO derived.main.cluster
  SELECT kind, cluster_id, sum(images), count(*), representative, any_value(r.image_id),
    ceil(max(distance)),
    CASE WHEN kind <> 'visual' THEN sum(f.bytes * f.urls) - any_value(r.bytes) END,
    CASE WHEN kind = 'visual' THEN ${commonest('colour')} END,
    any_value(parent_id)
  FROM memory.main.grouped
  JOIN memory.main.file f USING (sha256)
  JOIN (SELECT sha256, image_id, bytes FROM memory.main.file) r ON r.sha256 = representative
  LEFT JOIN memory.main.compared c USING (sha256)
  GROUP BY kind, cluster_id, representative
  ORDER BY kind, cluster_id`;

/** The visual groups. Only their parts have rows in `cluster_member`. */
const VISUAL_GROUPS = `
  INSERT INTO derived.main.cluster
  SELECT 'visual', ${visualId('outer_group')}, sum(f.images), count(*),
    any_value(sha256) FILTER (represents_group), any_value(f.image_id) FILTER (represents_group),
    ceil(max(distance)), NULL, ${commonest('colour')}, NULL
  FROM memory.main.visual
  JOIN memory.main.compared USING (visual_rank)
  JOIN memory.main.file f USING (sha256)
  GROUP BY outer_group
  ORDER BY outer_group`;

const MEMBERS = `
  INSERT INTO derived.main.cluster_member
  SELECT kind, cluster_id, source_image_id, sha256, distance,
    sha256 = representative AND source_image_id = image_id
  FROM memory.main.grouped
  JOIN memory.main.stored USING (sha256)
  JOIN memory.main.file USING (sha256)
  ORDER BY kind, cluster_id, distance, source_image_id`;

function visualId(group: string): string {
  return `lpad((${group} + 1)::VARCHAR, 2, '0')`;
}

/** SQL for the most frequent value of a column, and of several the first in alphabetical order. */
function commonest(column: string): string {
  return `list_sort(map_entries(histogram(${column})).list_transform(lambda e: {'n': -e.value::BIGINT, 'k': e.key}))[1].k`;
}

export async function writeClusters(connection: DuckDBConnection, origin: Origin): Promise<void> {
  for (const statement of [TABLES, GROUPED_FILES, CLUSTERS, VISUAL_GROUPS, MEMBERS])
    await connection.run(statement);
  await recordOrigin(connection, origin);
}
