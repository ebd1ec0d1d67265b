/**
 * The input of the run that fetches what was lost: that of the newest run that ingested a catalog
 * of the collection, for just these images.
 */
import { collectionText } from '../contract/catalog/collection-name';
import { inputAsGiven } from '../contract/input-as-given';
import { StepError } from '../contract/errors';
import { listMerges } from '../files/run/merge-mark';
import { listRuns } from '../files/run/run-records';
import type { RepairList } from './lost-files';

/**
 * The input as plain JSON, as a user would type it.
 *
 * @throws StepError `input` when no run has read a catalog.
 */
export function repairInput(
  dataRoot: string,
  { collection, only }: RepairList,
): Readonly<Record<string, unknown>> {
  const isOfCollection = (named: { readonly collection?: string | undefined }): boolean =>
    (named.collection ?? null) === collection;
  const runs = listRuns(dataRoot)
    .map(({ run }) => run)
    .filter(({ input }) => isOfCollection(input));
  const merged = listMerges(dataRoot).filter(isOfCollection).at(-1)?.runId;
  const run =
    runs.find(({ runId }) => runId === merged) ?? runs.find(({ catalog }) => catalog !== null);
  if (run === undefined)
    throw new StepError(
      'input',
      `No run below ${dataRoot} has read a catalog of ${collectionText(collection)}, so there is none to fetch from. Start a run of your catalog: it fetches what is lost.`,
    );
  const { limit: _, replace: __, ...given } = inputAsGiven(run.input);
  return {
    ...given,
    steps: ['download', 'publish'],
    select: 'pending',
    only,
  };
}
