/** A second name for a file. */
import fs from 'node:fs';
import { errorCode } from './error-code';

/** What link(2) says where the file system, or the user's rights, know no hard links. */
const REFUSED: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EMLINK',
  'ENOSYS',
]);

/** True for link(2)'s answer that this file gets no further name here. */
export function isLinkRefusal(error: unknown): boolean {
  return REFUSED.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Gives a file a second name; false where links are refused. **Errors** EEXIST when the name is taken; those of the file system. */
export function tryLink(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (isLinkRefusal(error)) return false;
    throw error;
  }
}

/**
 * Gives a file the name `to` unless a file has it already, which link(2) never replaces: of several processes that try, one
 * succeeds, and nobody ever finds a part of the file there.
 *
 * @returns whether this call gave the name.
 */
export function linkUnlessTaken(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** A hard link, or a copy (not atomic) where links are refused. **Errors** as {@link tryLink}. */
export function linkOrCopy(from: string, to: string): void {
  if (!tryLink(from, to))
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE);
}
