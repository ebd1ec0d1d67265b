/**
 * Makes the input of the run that fetches what was lost. It is the input of the newest run that
 * ingested, limited to these images.
 */
import { StepError } from '../contract/errors';
import { listMerges } from '../files/run/merge-mark';
import { listRuns } from '../files/run/run-records';

/**
 * The input as plain JSON, as a user would type it.
 *
 * @param only the list of ids, relative to the data root.
 * @throws StepError `input` when no run has read a catalog.
 */
export function repairInput(dataRoot: string, only: string): Readonly<Record<string, unknown>> {
  const runs = listRuns(dataRoot).map(({ run }) => run);
  const merged = listMerges(dataRoot).at(-1)?.runId;
  const run =
    runs.find(({ runId }) => runId === merged) ?? runs.find(({ catalog }) => catalog !== null);
  if (run === undefined)
    throw new StepError(
      'input',
      `No run below ${dataRoot} has read a catalog, so there is none to fetch from. Start a run of your catalog: it fetches what is lost.`,
    );
  const given = Object.entries(run.input).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(given.filter(([name]) => name !== 'limit')),
    steps: ['download', 'publish'],
    select: 'pending',
    only,
  };
}
