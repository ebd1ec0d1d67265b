/** A publication in the middle of a run, for a step that computes tables from the snapshot. */
import type { DerivedFile } from '../../contract/derived/derived-file';
import { warehouseActivities } from '../activity-proxies';
import { awaitWithDiagnosis } from '../obstacles/await-with-diagnosis';
import type { RunContext } from './run-context';

/**
 * Publishes the snapshot with these derived files.
 *
 * @returns why the tables of one of these files are not in the snapshot; null when all are.
 */
export async function publishForStep(
  context: RunContext,
  summary: string,
  derived: readonly DerivedFile[],
): Promise<string | null> {
  const { warehouseId, input, tracker } = context;
  const { collection } = input;
  const awaited = { queue: 'warehouse', activity: 'publishSnapshot' } as const;
  const { derivedProblems = [] } = await awaitWithDiagnosis(context, awaited, () =>
    warehouseActivities().publishSnapshot.executeWithOptions({ summary }, [
      { warehouseId, record: null, materialise: true, collection, derived },
    ]),
  );
  const kinds = derived.map(({ kind }) => kind);
  // A new file takes the place of one that could not be merged.
  for (const kind of kinds) tracker.derivedProblems.delete(kind);
  tracker.noteDerivedProblems(derivedProblems);
  return derivedProblems.find(({ kind }) => kinds.includes(kind))?.detail ?? null;
}
