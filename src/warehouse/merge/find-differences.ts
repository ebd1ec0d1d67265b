/** Finds out how a staged catalog differs from its collection. */
import type { MergeCatalogResult } from '../../contract/payloads';
import type { Database } from '../driver/database';
import { firstRow } from '../driver/database';
import { isOfCollection, type CollectionName } from './collection-sql';

export type Differences = Omit<MergeCatalogResult, 'lockHeldMs'>;

export const NO_DIFFERENCES: Differences = {
  added: 0,
  removed: 0,
  renamed: 0,
  returned: 0,
  urlChanged: 0,
};

/** The differences, and how many images of the collection the catalog keeps. */
export interface Comparison extends Differences {
  /** Images of the collection that are not marked as removed. */
  readonly known: number;
  /**
   * Those whose id and URL the catalog has, or whose URL it has under another id. An image that had
   * no URL is kept if the catalog has its id.
   */
  readonly kept: number;
}

/**
 * Fills `memory.main.changed` with images of the collection that differ from the catalog. The
 * warehouse, or a snapshot of it, must be the current database.
 */
export function findChangedImages(database: Database): Promise<void> {
  return database.run(
    `CREATE OR REPLACE TABLE memory.main.changed AS
     SELECT i.*, d.removed_at IS NOT NULL AS returned, d.thumb_url IS NOT NULL AS had_url,
       d.thumb_url_hash IS DISTINCT FROM i.thumb_url_hash AS url_changed
     FROM memory.main.incoming i JOIN dim_image d ON d.source_image_id = i.source_image_id
     WHERE d.removed_at IS NOT NULL OR d.thumb_url IS DISTINCT FROM i.thumb_url OR d.record IS DISTINCT FROM i.record`,
  );
}

/** Counts after {@link findChangedImages}. */
export async function compareWithCollection(
  database: Database,
  collection: CollectionName,
): Promise<Comparison> {
  const known = `FROM dim_image d WHERE d.removed_at IS NULL AND ${isOfCollection(collection, 'd.')}`;
  const row = await firstRow(
    database,
    `SELECT
       (SELECT count(*) ${known}) AS known,
       (SELECT count(*) FROM memory.main.incoming i ANTI JOIN dim_image d ON d.source_image_id = i.source_image_id) AS added,
       (SELECT count(*) FROM (SELECT d.source_image_id ${known}) d
        ANTI JOIN memory.main.incoming i ON i.source_image_id = d.source_image_id) AS removed,
       (${renamedSql(known)}) AS renamed,
       (SELECT count(*) FROM memory.main.changed WHERE returned) AS returned,
       (SELECT count(*) FROM memory.main.changed WHERE url_changed) AS url_changed,
       (SELECT count(*) FROM memory.main.changed WHERE url_changed AND had_url AND NOT returned) AS url_lost`,
  );
  const [removed, renamed] = [Number(row.removed), Number(row.renamed)];
  return {
    known: Number(row.known),
    kept: Number(row.known) - removed + renamed - Number(row.url_lost),
    added: Number(row.added),
    removed,
    renamed,
    returned: Number(row.returned),
    urlChanged: Number(row.url_changed),
  };
}

/**
 * The number of images that are missing from the catalog while it lists their URL under an id that
 * is new or returns. Each such id accounts for one missing image at most, because many ids may
 * share the URL of a placeholder.
 */
function renamedSql(known: string): string {
  return `
  SELECT coalesce(sum(least(gone.images, new.images)), 0) FROM (
    SELECT d.thumb_url_hash AS url_hash, count(*) AS images FROM (SELECT d.* ${known}) d
    ANTI JOIN memory.main.incoming i ON i.source_image_id = d.source_image_id
    WHERE d.thumb_url IS NOT NULL GROUP BY ALL) gone
  JOIN (
    SELECT i.thumb_url_hash AS url_hash, count(*) AS images FROM memory.main.incoming i
    ANTI JOIN (SELECT d.source_image_id ${known}) d ON d.source_image_id = i.source_image_id GROUP BY ALL) new
  ON new.url_hash = gone.url_hash`;
}
