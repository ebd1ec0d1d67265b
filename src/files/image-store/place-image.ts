/** Gives one file its final name. An existing final file is never overwritten. */
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
import { paced } from './paced-calls';
import { PathConflict } from './path-conflict';

/**
 * The final name of an image. `relative` is relative to the data root, `sha256` is the hash of the
 * bytes.
 */
export interface ImageName {
  readonly relative: string;
  readonly sha256: string;
}

/** Number of attempts to create a name while its folder keeps disappearing. */
const MAX_ATTEMPTS = 3;

/**
 * Links the file `source` to its final name, or copies it where hard links are refused.
 *
 * If the name exists, its bytes are compared. A file with other bytes is damaged and is moved to
 * `quarantine/`. The name is durable after its folder was synced.
 *
 * @throws PathConflict; errors of the file system.
 */
export async function placeImage(
  { root, folders }: { readonly root: string; readonly folders: ImageFolders },
  source: string,
  name: ImageName,
): Promise<'linked' | 'copied' | 'found'> {
  const finalPath = underRoot(root, name.relative);
  for (let attempt = 1; ; attempt += 1) {
    const folder = await folders.open(path.dirname(finalPath));
    try {
      // link(2) never replaces an existing name, unlike rename(2).
      await paced.link(source, folder.entry(path.basename(finalPath)));
      return 'linked';
    } catch (error) {
      const code = errorCode(error);
      if (isLinkRefusal(error)) {
        if (await copyThenRename(root, source, finalPath)) return 'copied';
        if (await acceptExistingFile(root, finalPath, name)) return 'found';
      } else if (code === 'EEXIST') {
        if (await acceptExistingFile(root, finalPath, name)) return 'found';
      } else if (code === 'ENOENT' && attempt < MAX_ATTEMPTS) {
        // The folder was removed after it had been opened.
        folders.forget(path.dirname(finalPath));
      } else throw error;
    }
  }
}

/** @returns false when the name is taken. */
async function copyThenRename(root: string, source: string, finalPath: string): Promise<boolean> {
  if ((await statOrNull(finalPath)) !== null) return false;
  const copy = path.join(dataRootPaths(root).tmp, tempName('copy'));
  await disk.copyFile(source, copy, fs.constants.COPYFILE_EXCL);
  const descriptor = await disk.open(copy, fs.constants.O_RDWR);
  try {
    allowReading(descriptor);
    await disk.fsync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  await disk.rename(copy, finalPath);
  return true;
}

async function statOrNull(file: string): Promise<fs.Stats | null> {
  try {
    return await disk.lstat(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Checks the file that has the name already.
 *
 * @returns true if it has the same bytes. They are synced first because the process that stored
 *   them may have been killed before it did so. False if another file was moved out of the way.
 */
async function acceptExistingFile(
  root: string,
  finalPath: string,
  { sha256 }: ImageName,
): Promise<boolean> {
  const stat = await statOrNull(finalPath);
  if (stat === null) return false;
  if (stat.isDirectory()) throw new PathConflict(`${finalPath} is a directory`);
  if (stat.isFile() && (await sha256OfFile(finalPath)) === sha256) {
    await syncPath(finalPath);
    return true;
  }
  // The name contains the hash of the bytes, so this file is damaged or a planted link. It is kept
  // for inspection.
  moveToQuarantine(root, finalPath);
  return false;
}
