/** The files of a catalog: one, or those of a folder, which are one catalog. */
import { readdir, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { formatByExtension, isNamedAs, unpackedArchive } from '../contract/catalog/catalog-format';
import { StepError } from '../contract/errors';
import type { CatalogFormat } from '../contract/run-input';
import { fileStamp } from '../files/file-stamp';
import { resolveUserFile } from '../files/resolve-user-file';
import { visibleNames } from '../files/visible-names';
import { digestFile, type FileDigest } from './catalog-digest';

export interface CatalogFile {
  /** Real path. */
  readonly file: string;
  /** As the input gives it, or its place in the folder: for messages. */
  readonly name: string;
}

/**
 * The files in the order of their names. Of a folder: those whose names tell the format, or all
 * others when no name does. Hidden files are no part of a catalog.
 *
 * **Errors** StepError `input`, `catalog_missing`.
 */
export async function catalogFiles(
  dataRoot: string,
  given: string,
  format: CatalogFormat,
): Promise<readonly CatalogFile[]> {
  const resolve = (name: string): Promise<string> =>
    resolveUserFile({ dataRoot, given: name, field: 'catalog', missing: 'catalog_missing' });
  // What is not below the data root is refused before anything is read of it.
  const below = path.relative(path.resolve(dataRoot), path.resolve(dataRoot, given));
  const isBelow = below !== '' && !below.startsWith('..') && !path.isAbsolute(below);
  const found = isBelow ? await stat(path.resolve(dataRoot, below)).catch(() => null) : null;
  if (found?.isDirectory() !== true) return [{ file: await resolve(given), name: given }];
  const names = await namesIn(path.resolve(dataRoot, given), format);
  if (names.length === 0)
    throw new StepError(
      'catalog_missing',
      `The folder ${JSON.stringify(given)} holds no file of the format ${format}: put the files there, or set \`format\` (--format).`,
    );
  const files: CatalogFile[] = [];
  for (const name of names) files.push({ file: await resolve(path.posix.join(given, name)), name });
  return files;
}

async function namesIn(folder: string, format: CatalogFormat): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = visibleNames(
    folder,
    entries.filter((entry) => !entry.isDirectory()),
  );
  const archive = format === 'dwca' ? unpackedArchive(names) : null;
  if (archive !== null) return archive;
  const telling = names.filter((name) => isNamedAs(name, format));
  return telling.length > 0 ? telling : names.filter((name) => formatByExtension(name) === null);
}

/** Of one file its own; of several their sizes together, and a hash of their hashes and names. */
export async function digestFiles(
  files: readonly CatalogFile[],
  signal?: AbortSignal,
): Promise<FileDigest> {
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0) return digestFile(only.file, signal);
  const hash = createHash('sha256');
  let bytes = 0;
  for (const { file, name } of files) {
    const digest = await digestFile(file, signal);
    bytes += digest.bytes;
    hash.update(`${digest.sha256}  ${name}\n`);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Changes when one of the files is written to or replaced. */
export async function filesStamp(files: readonly CatalogFile[]): Promise<string> {
  const stamps: string[] = [];
  for (const { file } of files) stamps.push(await fileStamp(file));
  return stamps.join('\n');
}
