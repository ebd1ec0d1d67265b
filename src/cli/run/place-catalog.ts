/** Catalogs are kept below the data root. A catalog that is elsewhere is copied to `catalogs/`. */
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import { dataRootPaths, relativeToRoot } from '../../files/data-root';
import { ensureDirectory } from '../../files/directories';
import { onDisk } from '../../files/disk-errors';
import { sha256OfFile } from '../../files/sha256-of-file';
import { tempName } from '../../files/temp-names';

/** Where a catalog is, or will be once it has been copied. */
export interface PlacedCatalog {
  /** The path relative to the data root, with `/`, as in the run's input. */
  readonly path: string;
  /** Copies the catalog unless it is there already. */
  readonly place: () => void;
}

/**
 * Decides where a catalog goes. A file of the same name with other content is not replaced: the
 * copy gets the first digits of its hash into its name.
 *
 * @param given relative to the current folder.
 * @throws StepError `catalog_missing`, disk_*.
 */
export async function placeCatalog(dataRoot: string, given: string): Promise<PlacedCatalog> {
  const source = path.resolve(given);
  const stat = fs.statSync(source, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) throw missingCatalog(given, source, stat !== undefined);
  const real = fs.realpathSync(source);
  const root = fs.existsSync(dataRoot) ? fs.realpathSync(dataRoot) : dataRoot;
  if (real.startsWith(root + path.sep))
    return { path: relativeToRoot(root, real), place: () => undefined };
  const target = await targetFor(dataRoot, real);
  return {
    path: relativeToRoot(dataRoot, target),
    place: () => {
      copy(dataRoot, real, target);
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

function copy(dataRoot: string, source: string, target: string): void {
  if (fs.existsSync(target)) return;
  const { tmp, catalogs } = dataRootPaths(dataRoot);
  const temp = path.join(tmp, tempName('catalog'));
  onDisk(`copy the catalog to ${target}`, () => {
    ensureDirectory(tmp);
    ensureDirectory(catalogs);
    try {
      fs.copyFileSync(source, temp, fs.constants.COPYFILE_FICLONE);
      fs.renameSync(temp, target);
    } finally {
      fs.rmSync(temp, { force: true });
    }
  });
}

function missingCatalog(given: string, absolute: string, exists: boolean): StepError {
  const seen = exists ? `${absolute} is not a file` : `there is no file ${absolute}`;
  return new StepError(
    'catalog_missing',
    `The catalog ${JSON.stringify(given)} cannot be read: ${seen}. Name a csv, tsv, ndjson, json or parquet file; the path is relative to the current folder.`,
  );
}
