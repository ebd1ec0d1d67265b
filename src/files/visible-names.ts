/** Lists the names in a folder in the form in which the files of a catalog are named. */
import type { Dirent } from 'node:fs';
import path from 'node:path';

/**
 * Returns the names of `entries`, which a recursive listing of `folder` returned: relative to the
 * folder, with `/`, sorted. Hidden files, and those in hidden folders, are left out.
 */
export function visibleNames(folder: string, entries: readonly Dirent[]): readonly string[] {
  return entries
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => !`/${name}`.includes('/.'))
    .sort();
}
