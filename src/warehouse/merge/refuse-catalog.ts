/** Catalogs that are not merged. Each refusal comes before anything is changed. */
import { collectionText } from '../../contract/catalog/collection-name';
import { StepError } from '../../contract/errors';
import type { MergeCatalogInput } from '../../contract/payloads';
import type { Database } from '../driver/database';
import { firstRow } from '../driver/database';
import { collectionValue, type CollectionName } from './collection-sql';
import type { Comparison } from './find-differences';

/**
 * Refuses ids that images of other collections have, because an id is unique in a data root. For
 * example, `b/1` may be an image of the unnamed collection, or the image `1` of the collection `b`.
 *
 * @throws StepError `input`.
 */
export async function refuseTakenIds(
  database: Database,
  collection: CollectionName,
): Promise<void> {
  const { taken, first, owner } = await firstRow(
    database,
    `SELECT count(*) AS taken, min(i.source_image_id) AS first, arg_min(d.collection, i.source_image_id) AS owner
     FROM memory.main.incoming i JOIN dim_image d ON d.source_image_id = i.source_image_id
     WHERE d.collection IS DISTINCT FROM ${collectionValue(collection)}`,
  );
  if (Number(taken) === 0) return;
  throw new StepError(
    'input',
    `The catalog cannot be merged into ${collectionText(collection)}: ${String(taken)} of its images would have a source_image_id that an image of another collection has. The first is ${JSON.stringify(String(first).slice(0, 200))}, of ${collectionText(owner === null ? null : String(owner))}. A source_image_id is unique in a data root. Nothing was changed. Start again with another "collection" (--collection NAME).`,
  );
}

/**
 * Refuses a catalog of other images, or a truncated one, because it must not replace the
 * collection.
 *
 * @throws StepError `input` when the catalog keeps fewer than half of the collection's images.
 */
export function refuseOtherListing(
  { known, kept }: Pick<Comparison, 'known' | 'kept'>,
  { collection, replace }: Pick<MergeCatalogInput, 'collection' | 'replace'>,
): void {
  if (replace === true || isSameListing({ known, kept })) return;
  throw new StepError('input', otherListingText({ known, kept }, collection));
}

/** Whether the catalog keeps at least half of the collection's images. */
export function isSameListing({ known, kept }: Pick<Comparison, 'known' | 'kept'>): boolean {
  return kept * 2 >= known;
}

function otherListingText(
  { known, kept }: Pick<Comparison, 'known' | 'kept'>,
  collection: CollectionName,
): string {
  return `The catalog keeps id and URL of ${kept} of the ${known} images of ${collectionText(collection)}, which are fewer than half. Nothing was changed. Is it another listing? Start again with a "collection" of its own (--collection NAME). Is it the same one, whole, and changed? Start again with "replace": true (--replace): images that it lacks are then marked as removed, and their files stay.`;
}

/**
 * Refuses a catalog that would remove a large part of the collection, because it may be truncated.
 * Images that have another id now do not count as removed.
 *
 * @throws StepError `catalog_shrunk`.
 */
export function refuseShrunkCatalog(
  { known, removed, renamed }: Comparison,
  {
    collection,
    replace,
    maxRemoved,
  }: Pick<MergeCatalogInput, 'collection' | 'replace' | 'maxRemoved'>,
): void {
  const gone = removed - renamed;
  if (replace === true || gone <= known * maxRemoved) return;
  const others = renamed === 0 ? '' : ` (${renamed} more have another id now)`;
  throw new StepError(
    'catalog_shrunk',
    `The catalog lacks ${gone} of the ${known} images that are known${others}, more than maxRemoved (${maxRemoved}) allows in ${collectionText(collection)}. Nothing was changed. Is the file whole? If so, start the run again with a larger "maxRemoved", or with "replace": true (--replace).`,
  );
}
