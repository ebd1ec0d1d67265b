/** Gives one file its final name. A final file is never overwritten. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths, underRoot } from '../data-root';
import { disk, syncPath } from '../disk-calls';
import { errorCode } from '../error-code';
import { sha256OfFile } from '../sha256-of-file';
import { isLinkRefusal } from '../link-or-copy';
import { moveToQuarantine } from '../move-to-quarantine';
import { tempName } from '../temp-names';
import { allowReading } from '../temp-file';
import type { ImageFolders } from './image-folders';
import { PathConflict } from './path-conflict';

/** `relative` to the data root. `sha256`: of the bytes. */
export interface ImageName {
  readonly relative: string;
  readonly sha256: string;
}

/** A folder that is missing is made, a broken file is moved aside: neither more often than this. */
const MOST_TRIES = 3;

/**
 * Links the file `source` to its final name, or copies it where links are refused. A name that exists has the same bytes, which is
 * compared; a broken file under it is moved to `quarantine/`. The name is durable when its folder has been synced.
 *
 * @throws PathConflict; errors of the file system.
 */
export async function placeImage(
  { root, folders }: { readonly root: string; readonly folders: ImageFolders },
  source: string,
  name: ImageName,
): Promise<'linked' | 'copied' | 'found'> {
  const final = underRoot(root, name.relative);
  for (let tries = 1; ; tries += 1) {
    const folder = await folders.open(path.dirname(final));
    try {
      // link(2) never replaces an existing name, unlike rename(2).
      await disk.link(source, folder.entry(path.basename(final)));
      return 'linked';
    } catch (error) {
      const code = errorCode(error);
      if (isLinkRefusal(error)) {
        if (await copyThenRename(root, source, final)) return 'copied';
        if (await isThere(root, final, name)) return 'found';
      } else if (code === 'EEXIST') {
        if (await isThere(root, final, name)) return 'found';
      } else if (code === 'ENOENT' && tries < MOST_TRIES) {
        // Somebody has removed the folder.
        folders.forget(path.dirname(final));
      } else throw error;
    }
  }
}

/** False: the name is taken. */
async function copyThenRename(root: string, source: string, final: string): Promise<boolean> {
  if ((await lookAt(final)) !== null) return false;
  const copy = path.join(dataRootPaths(root).tmp, tempName('copy'));
  await disk.copyFile(source, copy, fs.constants.COPYFILE_EXCL);
  const descriptor = await disk.open(copy, fs.constants.O_RDWR);
  try {
    allowReading(descriptor);
    await disk.fsync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  await disk.rename(copy, final);
  return true;
}

async function lookAt(file: string): Promise<fs.Stats | null> {
  try {
    return await disk.lstat(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Something has the name. True: the same bytes, durable now, for whoever stored them may have been killed before they were.
 * False: it was moved out of the way.
 */
async function isThere(root: string, final: string, { sha256 }: ImageName): Promise<boolean> {
  const there = await lookAt(final);
  if (there === null) return false;
  if (there.isDirectory()) throw new PathConflict(`${final} is a directory`);
  if (there.isFile() && (await sha256OfFile(final)) === sha256) {
    await syncPath(final);
    return true;
  }
  // Its name says what its bytes should be, so they were damaged, or it is a planted link: kept aside for a look.
  moveToQuarantine(root, final);
  return false;
}
