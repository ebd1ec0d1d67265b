/** Keeps files that cannot be used under another name. They are never deleted. */
import fs from 'node:fs';
import path from 'node:path';
import { syncDirectory } from '../../files/directories';

/**
 * Renames a file so that no program opens it by its former name.
 *
 * @returns the new path.
 * @throws errors of the file system.
 */
export function moveAside(file: string): string {
  const aside = asideName(file);
  fs.renameSync(file, aside);
  syncDirectory(path.dirname(file));
  return aside;
}

/** The path to which a file is moved aside now. */
export function asideName(file: string): string {
  return `${file}.aside-${new Date().toISOString().replaceAll(':', '')}`;
}
