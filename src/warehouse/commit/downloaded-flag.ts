/** `dim_image.thumb_downloaded`: the one thing that a commit changes in place. */
import type { Database } from '../driver/database';
import { DOWNLOADED_OF_TOUCHED } from './fold';

/**
 * Fills `memory.main.touched` with the incoming images that have a `lost` outcome, old or new: what their flag says takes the
 * whole fold; for all others, `memory.main.flagged`, a stored file is enough. Before the transaction: one transaction writes
 * one database.
 */
export async function findImagesThatLostFiles(database: Database): Promise<void> {
  await database.run(
    `CREATE OR REPLACE TABLE memory.main.touched AS
     SELECT DISTINCT source_image_id FROM memory.main.incoming
     WHERE outcome <> 'failed' AND source_image_id IN (
       SELECT source_image_id FROM fact_download WHERE outcome = 'lost'
       UNION ALL SELECT source_image_id FROM memory.main.incoming WHERE outcome = 'lost');
     CREATE OR REPLACE TABLE memory.main.flagged AS
     SELECT DISTINCT source_image_id, url_hash FROM memory.main.incoming
     WHERE outcome IN ('stored', 'not_modified')
       AND source_image_id NOT IN (SELECT source_image_id FROM memory.main.touched)`,
  );
}

/** Sets the flag of the incoming images, in a transaction that has their facts. A failure never takes a file away. */
export const FLAG_DOWNLOADED = `
  UPDATE dim_image SET thumb_downloaded = true FROM memory.main.flagged f
  WHERE dim_image.source_image_id = f.source_image_id AND dim_image.thumb_url_hash = f.url_hash
    AND NOT dim_image.thumb_downloaded`;

/** The same by row numbers (see row-numbers.ts): a fifth of the time at 10 M images. */
export const FLAG_BY_ROW = `
  UPDATE dim_image SET thumb_downloaded = true WHERE NOT thumb_downloaded AND rowid IN (
    SELECT row FROM memory.main.image_row r
    SEMI JOIN memory.main.flagged f ON f.source_image_id = r.source_image_id AND f.url_hash = r.url_hash)`;

/** Sets the flag of `memory.main.touched` by the whole fold. */
export const FLAG_TOUCHED = `
  UPDATE dim_image SET thumb_downloaded = k.downloaded FROM (${DOWNLOADED_OF_TOUCHED}) k
  WHERE dim_image.source_image_id = k.source_image_id AND dim_image.thumb_downloaded <> k.downloaded`;
