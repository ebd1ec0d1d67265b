/** Opens files of stored images for reading. */
import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { dataRootPaths, storedImageFile } from '../../files/data-root';
import { errorCode } from '../../files/error-code';
import { HttpProblem } from '../http-problem';
import type { KnownFile } from './known-files';

/** What browsers may show. Files of any other kind are offered for download. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['jpeg', 'image/jpeg'],
  ['png', 'image/png'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
  ['tiff', 'image/tiff'],
]);

/** @returns the type of a file that may be shown; null for any other. */
export function shownType(format: string | null): string | null {
  return format === null ? null : (TYPES.get(format) ?? null);
}

/** @returns whether browsers show files of the type in a page. */
export function isShownInPages(type: string | null): boolean {
  return type !== null && type !== 'image/tiff';
}

/**
 * Opens a file. Its path comes from the snapshot, which may have been made elsewhere: it must lead
 * to a file in the folder of the images, without a link on the way.
 *
 * @throws HttpProblem 404 when the file is not there, or is not what was stored.
 */
export async function openStoredFile(
  dataRoot: string,
  { path: relative, bytes }: KnownFile,
): Promise<{ readonly handle: FileHandle; readonly size: number; readonly absolute: string }> {
  const { root } = dataRootPaths(dataRoot);
  const absolute = storedImageFile(dataRoot, relative);
  if (absolute === null)
    throw new HttpProblem(404, 'The snapshot names a path outside of the folder of the images.');
  try {
    await refuseLinks(root, absolute);
    const handle = await open(absolute, READ_UNLINKED);
    return { ...(await checkedFile(handle, bytes)), absolute };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? ''))
      throw new HttpProblem(404, `${MISSING} It is not at its place.`, { cause: error });
    throw error;
  }
}

/** With these flags of open(2) a link is refused, and a named pipe does not block. */
export const READ_UNLINKED = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const MISSING =
  'The file is not what was stored. The command "verify" finds all such files, and "repair" downloads them again.';

async function refuseLinks(root: string, absolute: string): Promise<void> {
  const folder = path.dirname(absolute);
  const expected = path.join(await realpath(root), path.relative(root, folder));
  if ((await realpath(folder)) !== expected)
    throw new HttpProblem(404, 'A link is on the way to the file.');
}

async function checkedFile(
  handle: FileHandle,
  bytes: number | null,
): Promise<{ readonly handle: FileHandle; readonly size: number }> {
  const stats = await handle.stat();
  if (stats.isFile() && (bytes === null || stats.size === bytes))
    return { handle, size: stats.size };
  await handle.close();
  throw new HttpProblem(404, `${MISSING} It is no file, or has another size.`);
}
