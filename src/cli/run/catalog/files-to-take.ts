/** Finds the files that a command line names as one catalog. */
import fs from 'node:fs';
import path from 'node:path';
import type { CatalogFile } from '../../../catalog/catalog-files';
import {
  formatByExtension,
  isNamedAs,
  METAFILE,
  unpackedArchive,
} from '../../../contract/catalog/catalog-format';
import type { CatalogFormat } from '../../../contract/run-input';
import { StepError } from '../../../contract/errors';
import { mayBeLeftOut, visibleNames } from '../../../files/visible-names';
import { shellWord } from '../../../contract/commands/shell-word';
import { UsageError } from '../../usage-error';

/** The absolute path of a file, and its name in the folder of the catalog. */
export interface FileToTake {
  readonly source: string;
  readonly name: string;
}

/**
 * Lists the given files and the files of the given folders whose extension stands for the wanted
 * format. If no extension does, all files are listed.
 *
 * @param format the format that the command line names. By default it is that of the extensions.
 * @throws {@link UsageError} if the extensions stand for several formats and `format` is undefined,
 * or if a given file would be left out; {@link StepError} `catalog_missing`.
 */
export function filesToTake(
  given: readonly string[],
  format: string | undefined,
): readonly FileToTake[] {
  const found = given.flatMap((name) => filesOf(name));
  const isArchive = given.length === 1 && (format ?? 'dwca') === 'dwca';
  const archive = isArchive ? unpackedArchive(namesOf(found)) : null;
  if (archive !== null) return found.filter(({ name }) => archive.includes(name));
  const formats = new Map(found.map(({ name }) => [formatByExtension(name), name]));
  formats.delete(null);
  // A text beside a table describes it, as in zip archives.
  if (given.length === 1 && formats.size > 1) formats.delete('txt');
  const [one, another] = [...formats];
  if (format === undefined && one !== undefined && another !== undefined)
    throw severalFormats(found);
  const wanted = format ?? one?.[0] ?? null;
  const telling = found.filter(({ name }) => isNamedAs(name, wanted));
  const files = telling.length > 0 ? telling : found;
  refuseDropped(given, files, wanted);
  if (files.length === 0) throw missingCatalog(given.join(' '), given.join(' '), { isThere: true });
  return withNamesOfTheirOwn(files);
}

/** The format with the most bytes comes first: descriptions are smaller than what they describe. */
function severalFormats(found: readonly FileToTake[]): UsageError {
  const formats = new Map<string, { first: string; bytes: number; files: number }>();
  for (const { source, name } of found) {
    const format = formatByExtension(name);
    if (format === null) continue;
    const { first, bytes, files } = formats.get(format) ?? { first: name, bytes: 0, files: 0 };
    formats.set(format, { first, bytes: bytes + fs.statSync(source).size, files: files + 1 });
  }
  const largest = [...formats].sort(([, a], [, b]) => b.bytes - a.bytes);
  const listed = largest.map(([format, { first, files }]) => {
    const more = files === 1 ? 'is' : `and ${files - 1} more are`;
    return `${shellWord(first)} ${more} ${format}`;
  });
  const options = largest.map(([format]) => `--format ${format}`);
  return new UsageError(
    `the files are of several formats: ${listed.join(', ')}. One catalog has one: name the files, or take those of one format by ${options.join(' or ')}.`,
  );
}

function namesOf(files: readonly FileToTake[]): readonly string[] {
  return files.map(({ name }) => name);
}

/**
 * Returns the format that the extensions of these files stand for, or null if they stand for none.
 *
 * @param files as {@link filesToTake} returns them.
 */
export function formatOfNames(files: readonly FileToTake[]): CatalogFormat | null {
  if (unpackedArchive(namesOf(files)) !== null) return 'dwca';
  return formatByExtension(files[0]?.name ?? '');
}

/** The files where they are now, in the order in which a run reads them in their folder. */
export function inReadingOrder(files: readonly FileToTake[]): readonly CatalogFile[] {
  return files
    .map(({ source, name }) => ({ file: source, name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Refuses to leave out a file that the command line names itself. */
function refuseDropped(
  given: readonly string[],
  files: readonly FileToTake[],
  wanted: string | null,
): void {
  const taken = new Set(files.map(({ source }) => source));
  const dropped = given.find((name) => {
    const source = path.resolve(name);
    return fs.statSync(source).isFile() && !taken.has(source);
  });
  if (dropped === undefined) return;
  throw new UsageError(
    `the name of ${shellWord(dropped)} does not say that it is ${String(wanted)}, as others do. One catalog has one format: rename it, or leave it out.`,
  );
}

function filesOf(given: string): readonly FileToTake[] {
  const source = path.resolve(given);
  const stat = fs.statSync(source, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true)
    return filesBelow(source).map((name) => ({ source: path.join(source, name), name }));
  if (stat?.isFile() !== true) throw missingCatalog(given, source, { isThere: stat !== undefined });
  refuseMetafile(given);
  const name = path.basename(source);
  // A file that is given is never one that a folder's listing leaves out.
  return [{ source, name: mayBeLeftOut(name) ? `file-${name}` : name }];
}

/**
 * Refuses the metafile of a Darwin Core archive, which has no rows itself.
 *
 * @throws UsageError that names its folder.
 */
export function refuseMetafile(given: string): void {
  if (path.basename(given).toLowerCase() !== METAFILE) return;
  throw new UsageError(
    `${shellWord(given)} only describes the tables of a Darwin Core archive. Name its folder instead: ${shellWord(path.dirname(given))}`,
  );
}

/** Returns the names of all files that are not hidden, relative to the folder, with `/`. */
export function filesBelow(folder: string): readonly string[] {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return visibleNames(
    folder,
    entries.filter((entry) => entry.isFile()),
  );
}

/** Numbers files that have the same name in several folders. */
function withNamesOfTheirOwn(files: readonly FileToTake[]): readonly FileToTake[] {
  const used = new Set<string>();
  return files.map(({ source, name }) => {
    let own = name;
    for (let n = 2; used.has(own.toLowerCase()); n += 1)
      own = path.posix.join(path.posix.dirname(name), `${n}-${path.posix.basename(name)}`);
    used.add(own.toLowerCase());
    return { source, name: own };
  });
}

/** @param isThere whether something other than a file has this path. */
export function missingCatalog(
  given: string,
  absolute: string,
  { isThere }: { readonly isThere: boolean },
): StepError {
  const seen = isThere ? `${absolute} is not a file` : `there is no file ${absolute}`;
  return new StepError(
    'catalog_missing',
    `The catalog ${JSON.stringify(given)} cannot be read: ${seen}. Name csv, tsv, ndjson, json, parquet or txt files, or a folder of them; the path is relative to the current folder.`,
  );
}
