/**
 * Deletes what is no longer needed: image files that no row names, plans of ended runs, embeddings
 * of former models, and what killed processes left.
 */
import { withSnapshot, type SnapshotOptions } from '../warehouse/snapshot/snapshot-session';
import { findFormerEmbeddings } from './former-embeddings';
import { leftovers } from './leftovers';
import type { Prunable } from './prunable';
import { refuseUnderWay } from './refuse-under-way';
import { deleteUnnamed, findUnnamed } from './unnamed-files';

const UNDONE = 'Nothing was deleted';

/**
 * What was deleted (or would be), by kind. `restored` lists files that were kept because a ledger
 * began to name them meanwhile.
 */
export interface PruneReport {
  readonly groups: readonly { readonly what: string; readonly items: readonly Prunable[] }[];
  readonly restored: readonly string[];
}

/**
 * Deletes what is no longer needed. Never touches what a row of the snapshot names, including
 * earlier versions of an image, or any ledger on disk.
 *
 * @throws NoSnapshot; StepError `input` while a run is under way; disk_*.
 */
export async function prune(
  options: SnapshotOptions & { readonly dryRun: boolean },
): Promise<PruneReport> {
  const { dataRoot, dryRun } = options;
  await refuseUnderWay(dataRoot, UNDONE);
  const { unnamed, former } = await withSnapshot(options, async (database) => ({
    unnamed: await findUnnamed(database, dataRoot),
    former: await findFormerEmbeddings(database, dataRoot),
  }));
  await refuseUnderWay(dataRoot, UNDONE);
  const groups = leftovers(dataRoot, former);
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
