/** The files of a catalog: a single file, or all files of a folder. */
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
  /** The absolute path, with symbolic links resolved. */
  readonly file: string;
  /** The path as the input gives it, or relative to the catalog's folder. Used in messages. */
  readonly name: string;
}

/**
 * Lists the files in the order of their names. In a folder these are the files whose extension
 * stands for the format, or, if there is none, all files whose extension stands for no format.
 * Hidden files are not part of a catalog.
 *
 * @throws {@link StepError} `input` or `catalog_missing`.
 */
export async function catalogFiles(
  dataRoot: string,
  given: string,
  format: CatalogFormat,
): Promise<readonly CatalogFile[]> {
  const resolve = (name: string): Promise<string> =>
    resolveUserFile({ dataRoot, given: name, field: 'catalog', missing: 'catalog_missing' });
  // A path outside the data root is refused before anything is read from it.
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

/**
 * The digest of a single file is that of its bytes. For several files it consists of the sum of
 * their sizes in bytes, and the SHA-256 of their hashes and names.
 */
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

/** Returns a text that changes when one of the files is written to or replaced. */
export async function filesStamp(files: readonly CatalogFile[]): Promise<string> {
  const stamps: string[] = [];
  for (const { file } of files) stamps.push(await fileStamp(file));
  return stamps.join('\n');
}
