/** Patterns of file names, which a shell hands over as they are when they stand in quotes. */
import fs from 'node:fs';
import path from 'node:path';

const HAS_WILDCARD = /[*?]/;

/**
 * Replaces each pattern by the files and folders that match it, in the order of their names. `*` is
 * any number of characters of a name, `?` is one; neither stands for the dot of a hidden file. A
 * path that exists is that file, and a pattern that nothing matches stays as it is.
 */
export function matchingFiles(given: readonly string[]): readonly string[] {
  return given.flatMap((name) => {
    if (!HAS_WILDCARD.test(name) || fs.existsSync(name)) return [name];
    const { root } = path.parse(name);
    const parts = name.slice(root.length).split(path.sep);
    const found = parts.reduce<readonly string[]>(
      (folders, part) => folders.flatMap((folder) => namesIn(folder, part)),
      [root],
    );
    return found.length > 0 ? found : [name];
  });
}

/** The paths that one part of a pattern stands for in a folder. */
function namesIn(folder: string, part: string): readonly string[] {
  if (!HAS_WILDCARD.test(part)) {
    const next = path.join(folder, part);
    return fs.existsSync(next) ? [next] : [];
  }
  const expression = part
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const isMatch = new RegExp(`^${expression}$`, 's');
  return namesOf(folder)
    .filter((name) => isMatch.test(name) && (part.startsWith('.') || !name.startsWith('.')))
    .map((name) => path.join(folder, name))
    .sort();
}

function namesOf(folder: string): readonly string[] {
  const where = folder === '' ? '.' : folder;
  return fs.statSync(where).isDirectory() ? fs.readdirSync(where) : [];
}
