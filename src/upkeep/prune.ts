/** Deletes what nothing needs any more: files that no row names, plans of ended runs, former snapshots, what kills left. */
import { StepError } from '../contract/errors';
import { runsUnderWay } from '../files/runs-under-way';
import { withSnapshot, type SnapshotOptions } from '../warehouse/snapshot-session';
import { leftovers } from './leftovers';
import { deleteUnnamed, findUnnamed } from './unnamed-files';

/** A file, or a folder as one. **Units** bytes; `path` relative to the data root. */
export interface Prunable {
  readonly path: string;
  readonly bytes: number;
}

/** **Shape** what was deleted (or would be), by what it is. `restored`: files that a ledger began to name meanwhile: kept. */
export interface PruneReport {
  readonly groups: readonly { readonly what: string; readonly items: readonly Prunable[] }[];
  readonly restored: readonly string[];
}

/**
 * Never touches what a row of the snapshot names, former versions of an image included, or any ledger on disk.
 *
 * **Errors** NoSnapshot; StepError `input` while a run is under way; disk_*.
 */
export async function prune(
  options: SnapshotOptions & { readonly dryRun: boolean },
): Promise<PruneReport> {
  const { dataRoot, dryRun } = options;
  await refuseUnderWay(dataRoot);
  const unnamed = await withSnapshot(options, (database) => findUnnamed(database, dataRoot));
  await refuseUnderWay(dataRoot);
  const groups = leftovers(dataRoot);
  const restored = dryRun ? [] : await deleteUnnamed(dataRoot, unnamed);
  if (!dryRun) for (const group of groups) group.remove();
  const kept = new Set(restored);
  const items = unnamed.files.filter((file) => !kept.has(file.path));
  return {
    groups: [
      { what: 'image files that no row names', items },
      ...groups.map((group) => ({ what: group.what, items: group.items })),
    ].filter((group) => group.items.length > 0),
    restored,
  };
}

/** Between a file's final name and its ledger line nothing names it: nobody may be there. */
async function refuseUnderWay(dataRoot: string): Promise<void> {
  const [run] = await runsUnderWay(dataRoot);
  if (run === undefined) return;
  throw new StepError(
    'input',
    `Nothing was deleted: the run ${run.workflowId} (${run.runId}) is ${run.state}, and files that it has just stored are not named yet. Wait for its end (artemis-pipeline status ${run.workflowId}), or cancel it; one that nobody works on is taken for cut off after five minutes.`,
  );
}
