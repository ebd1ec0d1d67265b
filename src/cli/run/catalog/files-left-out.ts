/** Names the files in the folder of a catalog that are not a part of it. */
import fs from 'node:fs';
import path from 'node:path';
import { printable } from '../../terminal';
import type { FileToTake } from './files-to-take';

const NAMES_SHOWN = 10;

/**
 * Returns a line about the files of the given folders that are not taken; null when all are. Hidden
 * files are not named.
 */
export function leftOutText(given: readonly string[], taken: readonly FileToTake[]): string | null {
  const sources = new Set(taken.map(({ source }) => source));
  const names = given.flatMap((folder) => filesOtherThan(sources, path.resolve(folder))).sort();
  if (names.length === 0) return null;
  const shown = names.slice(0, NAMES_SHOWN).map(printable).join(', ');
  const more = names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more` : '';
  return `Left out, because their names do not say that they belong to the catalog: ${shown}${more}`;
}

function filesOtherThan(sources: ReadonlySet<string>, folder: string): readonly string[] {
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .filter((file) => !sources.has(file))
    .map((file) => path.relative(folder, file))
    .filter((name) => !`/${name}`.includes('/.'));
}
