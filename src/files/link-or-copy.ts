/** Gives a file a second name. */
import fs from 'node:fs';
import { errorCode } from './error-code';

/**
 * Codes that link(2) returns when the file system or the user's rights do not allow a hard link.
 */
const REFUSED: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EMLINK',
  'ENOSYS',
]);

/** Whether link(2) failed because this file cannot get a further hard link here. */
export function isLinkRefusal(error: unknown): boolean {
  return REFUSED.has(errorCode(error) ?? '');
}

/**
 * Gives a file a second name.
 *
 * @returns false where hard links are refused.
 * @throws EEXIST when the name is taken; other errors of the file system.
 */
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
 * Gives a file the name `to` unless that name is taken. link(2) never replaces an existing name, so
 * when several processes try, exactly one succeeds, and no process ever finds a partial file there.
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

/**
 * Creates a hard link, or a copy where hard links are refused. The copy is not atomic.
 *
 * @throws the same errors as {@link tryLink}.
 */
export function linkOrCopy(from: string, to: string): void {
  if (!tryLink(from, to))
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE);
}
