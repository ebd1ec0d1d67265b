/** `dim_image.thumb_downloaded`: the one thing that a commit changes in place. */
import type { Database } from './database';
import { DOWNLOADED_OF_TOUCHED } from './fold';

/**
 * Fills `memory.main.touched` with the incoming images that have a `lost` outcome, old or new: what their flag says takes the
 * whole fold; for all others a stored file is enough. Before the transaction: one transaction writes one database.
 */
export function findImagesThatLostFiles(database: Database): Promise<void> {
  return database.run(
    `CREATE OR REPLACE TABLE memory.main.touched AS
     SELECT DISTINCT source_image_id FROM memory.main.incoming
     WHERE outcome <> 'failed' AND source_image_id IN (
       SELECT source_image_id FROM fact_download WHERE outcome = 'lost'
       UNION ALL SELECT source_image_id FROM memory.main.incoming WHERE outcome = 'lost')`,
  );
}

/** Sets the flag of the incoming images, in a transaction that has their facts. A failure never takes a file away. */
export async function flagDownloaded(database: Database): Promise<void> {
  await database.run(
    `UPDATE dim_image SET thumb_downloaded = true
     FROM (SELECT DISTINCT source_image_id, url_hash FROM memory.main.incoming
           WHERE outcome IN ('stored', 'not_modified')
             AND source_image_id NOT IN (SELECT source_image_id FROM memory.main.touched)) i
     WHERE dim_image.source_image_id = i.source_image_id AND dim_image.thumb_url_hash = i.url_hash
       AND NOT dim_image.thumb_downloaded`,
  );
  await flagTouched(database);
}

/** Sets the flag of `memory.main.touched` by the whole fold. */
export function flagTouched(database: Database): Promise<void> {
  return database.run(
    `UPDATE dim_image SET thumb_downloaded = k.downloaded FROM (${DOWNLOADED_OF_TOUCHED}) k
     WHERE dim_image.source_image_id = k.source_image_id AND dim_image.thumb_downloaded <> k.downloaded`,
  );
}
