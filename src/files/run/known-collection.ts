/** Refuses a run that reads no catalog and names a collection that no catalog has made. */
import { collectionText } from '../../contract/catalog/collection-name';
import { StepError } from '../../contract/errors';
import type { ResolvedInput } from '../../contract/run-input';
import { listMerges } from './merge-mark';

/**
 * A run of `download` alone would plan nothing for such a collection, and complete. A data root
 * without any merged catalog is left to the planning, which reports that there is no snapshot.
 *
 * @throws StepError `input` with the collections that the data root has.
 */
export function refuseUnknownCollection(
  root: string,
  { collection, steps }: Pick<ResolvedInput, 'collection' | 'steps'>,
): void {
  if (steps.includes('ingest')) return;
  const known = new Set(listMerges(root).map((merge) => merge.collection));
  if (known.size === 0 || known.has(collection)) return;
  throw unknownCollection(collection, [...known]);
}

/** @param known the collections of the data root; the unnamed one is undefined. */
export function unknownCollection(
  collection: string | undefined,
  known: readonly (string | undefined)[],
): StepError {
  const names = known.map(collectionText);
  return new StepError(
    'input',
    `The data root has no images of ${collectionText(collection)}. It has ${names.join(', ')}: \`collection\` (--collection) names one; or run the step \`ingest\` with the catalog of ${collectionText(collection)} first.`,
  );
}
