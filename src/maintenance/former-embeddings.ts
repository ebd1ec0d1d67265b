/** Segments of models whose embeddings are no longer published. */
import fs from 'node:fs';
import { listSegmentFolders, segmentFolderName } from '../files/embeddings/segments';
import type { Database } from '../warehouse/driver/database';
import { firstRow, rowsOf } from '../warehouse/driver/database';
import { hasSnapshotTable } from '../warehouse/snapshot/snapshot-session';

/**
 * Finds folders of segments of other models than the published one. A folder with a segment that is
 * younger than the published table is not among them: the next run with that model continues there.
 * Without a published table, nothing is known to be former.
 *
 * @param database a snapshot session.
 * @returns absolute paths.
 */
export async function findFormerEmbeddings(
  database: Database,
  root: string,
): Promise<readonly string[]> {
  const folders = listSegmentFolders(root);
  if (folders.length === 0) return [];
  const computedAt = await publicationTime(database);
  if (computedAt === null) return [];
  const versions = await rowsOf(database, 'SELECT DISTINCT version FROM embedding');
  const published = new Set(versions.map(({ version }) => segmentFolderName(String(version))));
  return folders
    .filter(({ name }) => !published.has(name))
    .filter(({ segments }) =>
      segments.every((segment) => fs.statSync(segment).mtimeMs < computedAt),
    )
    .map((folder) => folder.path);
}

/** When the published table was computed, as Unix milliseconds; null when it has no rows. */
async function publicationTime(database: Database): Promise<number | null> {
  for (const table of ['embedding', 'derived_from'])
    if (!(await hasSnapshotTable(database, table))) return null;
  const { computed } = await firstRow(
    database,
    `SELECT epoch_ms(computed_at)::VARCHAR AS computed FROM derived_from
     WHERE table_name = 'embedding' AND EXISTS (FROM embedding)`,
  );
  return computed == null ? null : Number(computed);
}
