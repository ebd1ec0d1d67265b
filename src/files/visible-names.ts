/** Lists the names in a folder in the form in which the files of a catalog are named. */
import type { Dirent } from 'node:fs';
import path from 'node:path';

/**
 * What programs write beside the parts of a table. Names that begin with `_` are what Hadoop, Spark
 * and Arrow leave out as well; `year=2020` and the like are no such names.
 */
const BESIDE_PARTS = /^_|manifest$|\.(?:crc|md5|sha\d+)$/i;

/** What people write beside a catalog, in a text file or one without an extension. */
const FOR_PEOPLE =
  /^(?:readme|licen[cs]e|notice|copying|changelog)(?:[._-][^.]*)?(?:\.(?:txt|md))?$/i;

/**
 * Returns the names of `entries`, which a recursive listing of `folder` returned: relative to the
 * folder, with `/`, sorted. Hidden files, and those in hidden folders, are left out. So are files
 * that only accompany others, unless there are no others.
 */
export function visibleNames(folder: string, entries: readonly Dirent[]): readonly string[] {
  const visible = entries
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => !`/${name}`.includes('/.'))
    .sort();
  const main = visible.filter((name) => !accompaniesOthers(name));
  return main.length > 0 ? main : visible;
}

/** Whether a file in a folder or an archive may be left out for its name alone. */
export function mayBeLeftOut(name: string): boolean {
  return name.startsWith('.') || accompaniesOthers(name);
}

function accompaniesOthers(name: string): boolean {
  return (
    name.split('/').some((part) => BESIDE_PARTS.test(part)) ||
    FOR_PEOPLE.test(path.posix.basename(name))
  );
}
