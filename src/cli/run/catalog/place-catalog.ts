/** Catalogs are kept below the data root. A catalog that is elsewhere is copied to `catalogs/`. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths, relativeToRoot } from '../../../files/data-root';
import { ensureDirectory } from '../../../files/directories';
import { onDisk } from '../../../files/disk-errors';
import { sha256OfFile } from '../../../files/sha256-of-file';
import { tempName } from '../../../files/temp-names';
import type { CatalogFormat } from '../../../contract/run-input';
import {
  filesBelow,
  filesToTake,
  formatOfNames,
  missingCatalog,
  refuseMetafile,
  type FileToTake,
} from './files-to-take';

/** Where a catalog is, or will be once it has been copied. */
export interface PlacedCatalog {
  /** The path relative to the data root, with `/`, as in the run's input. */
  readonly path: string;
  /** The format of several files, which a path does not show; absent for one file. */
  readonly format?: CatalogFormat;
  /** Copies the catalog unless it is there already. */
  readonly place: () => void;
}

/**
 * Decides where the files of one catalog go. A folder below the data root stays where it is;
 * everything else is copied to a folder in `catalogs/`.
 *
 * @param given files, or one folder, relative to the current folder.
 * @throws as {@link placeCatalog}; UsageError for files of several formats.
 */
export async function placeCatalogs(
  dataRoot: string,
  given: readonly string[],
  format?: string,
): Promise<PlacedCatalog> {
  const [first = ''] = given;
  if (given.length === 1 && !isFolder(first)) return placeCatalog(dataRoot, first);
  const root = fs.existsSync(dataRoot) ? fs.realpathSync(dataRoot) : dataRoot;
  for (const name of given) refuseRoot(name, root);
  const files = filesToTake(given, format);
  const real = fs.realpathSync(path.resolve(first));
  const named = formatOfNames(files);
  const ofFormat = named === null || format !== undefined ? {} : { format: named };
  if (given.length === 1 && real.startsWith(root + path.sep))
    return { path: relativeToRoot(root, real), ...ofFormat, place: () => undefined };
  const stem = path.basename(real).split('.')[0] ?? '';
  const name = given.length === 1 ? path.basename(real) : `${stem}-and-${given.length - 1}-more`;
  const target = await folderFor(dataRoot, name, files);
  return {
    path: relativeToRoot(dataRoot, target),
    ...ofFormat,
    place: () => {
      copyTo(dataRoot, target, (temp) => {
        for (const { source, name } of files) {
          const to = path.join(temp, name);
          ensureDirectory(path.dirname(to));
          copyFile(source, to);
        }
      });
    },
  };
}

/**
 * Decides where a catalog goes. A file of the same name with other content is not replaced: the
 * copy gets the first digits of its hash into its name.
 *
 * @param given relative to the current folder.
 * @throws StepError `catalog_missing`, disk_*; UsageError for the metafile of an archive.
 */
export async function placeCatalog(dataRoot: string, given: string): Promise<PlacedCatalog> {
  const source = path.resolve(given);
  const stat = fs.statSync(source, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) throw missingCatalog(given, source, { isThere: stat !== undefined });
  refuseMetafile(given);
  return placeFile(dataRoot, source);
}

/**
 * Decides where a file goes that a run reads. One that is below the data root stays where it is.
 *
 * @param source the absolute path of a file.
 */
export async function placeFile(dataRoot: string, source: string): Promise<PlacedCatalog> {
  const real = fs.realpathSync(source);
  const root = fs.existsSync(dataRoot) ? fs.realpathSync(dataRoot) : dataRoot;
  if (real.startsWith(root + path.sep))
    return { path: relativeToRoot(root, real), place: () => undefined };
  const target = await targetFor(dataRoot, real);
  return {
    path: relativeToRoot(dataRoot, target),
    place: () => {
      copyTo(dataRoot, target, (temp) => {
        copyFile(real, temp);
      });
    },
  };
}

async function targetFor(dataRoot: string, source: string): Promise<string> {
  const { catalogs } = dataRootPaths(dataRoot);
  const name = path.basename(source);
  const plain = path.join(catalogs, name);
  if (!fs.existsSync(plain)) return plain;
  const digest = await sha256OfFile(source);
  if ((await sha256OfFile(plain)) === digest) return plain;
  const dot = name.indexOf('.', 1);
  const stem = dot === -1 ? name : name.slice(0, dot);
  return path.join(catalogs, `${stem}-${digest.slice(0, 8)}${name.slice(stem.length)}`);
}

/** Calls `fill` with a temporary path, which gets the name `target` when it is complete. */
function copyTo(dataRoot: string, target: string, fill: (temp: string) => void): void {
  if (fs.existsSync(target)) return;
  const { tmp, catalogs } = dataRootPaths(dataRoot);
  const temp = path.join(tmp, tempName('catalog'));
  onDisk(`copy the catalog to ${target}`, () => {
    ensureDirectory(tmp);
    ensureDirectory(catalogs);
    try {
      fill(temp);
      fs.renameSync(temp, target);
    } finally {
      fs.rmSync(temp, { recursive: true, force: true });
    }
  });
}

function copyFile(source: string, to: string): void {
  fs.copyFileSync(source, to, fs.constants.COPYFILE_FICLONE);
}

/** @throws StepError `catalog_missing` for the data root and folders above it. */
function refuseRoot(given: string, root: string): void {
  if (!isFolder(given)) return;
  const real = fs.realpathSync(path.resolve(given));
  if (root === real || root.startsWith(real + path.sep))
    throw missingCatalog(given, real, { isThere: true });
}

function isFolder(given: string): boolean {
  return fs.statSync(path.resolve(given), { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A folder of the same name with other files is not replaced. */
async function folderFor(
  dataRoot: string,
  name: string,
  files: readonly FileToTake[],
): Promise<string> {
  const plain = path.join(dataRootPaths(dataRoot).catalogs, name);
  if (!fs.existsSync(plain)) return plain;
  const digests = new Map<string, string>();
  for (const { source, name } of files) digests.set(name, await sha256OfFile(source));
  if (await holdsAll(plain, digests)) return plain;
  const lines = [...digests].map(([file, digest]) => `${digest}  ${file}`);
  const whole = createHash('sha256').update(lines.join('\n')).digest('hex');
  return `${plain}-${whole.slice(0, 8)}`;
}

/** Whether a folder has these files, each with its SHA-256, and no others. */
async function holdsAll(folder: string, digests: ReadonlyMap<string, string>): Promise<boolean> {
  const names = filesBelow(folder);
  if (names.length !== digests.size) return false;
  for (const name of names)
    if ((await sha256OfFile(path.join(folder, name))) !== digests.get(name)) return false;
  return true;
}
