/** Counts the stored images whose files the step `features` would compute. */
import { FEATURE_VERSION } from '../../contract/features/feature';
import { settledFeaturesSql } from '../../contract/features/settled-features';
import { firstRow, type Database } from '../driver/database';
import { isOfCollection, type CollectionName } from '../merge/collection-sql';

/**
 * Stored images of the collection, in the current database, of which the table `image` makes the
 * query fast. To count their files instead, of which several images may have the same, took five
 * times as long.
 */
export async function countWithoutFeatures(
  database: Database,
  collection: CollectionName,
): Promise<number> {
  const row = await firstRow(
    database,
    `SELECT count(*)::INTEGER AS images
     FROM image ANTI JOIN (
       SELECT sha256 FROM fact_feature WHERE ${settledFeaturesSql(FEATURE_VERSION, 'pending')}
     ) settled ON settled.sha256 = thumb_sha256
     WHERE state = 'stored' AND thumb_sha256 IS NOT NULL AND thumb_path IS NOT NULL
       AND ${isOfCollection(collection)}`,
  );
  return Number(row.images);
}
