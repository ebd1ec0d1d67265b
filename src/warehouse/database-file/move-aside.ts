/** What cannot be used is kept under another name, never deleted. */
import fs from 'node:fs';
import path from 'node:path';
import { syncDirectory } from '../../files/directories';

/** Renames a file so that nothing opens it by its name any more; returns the new path. **Errors** those of the file system. */
export function moveAside(file: string): string {
  const aside = `${file}.aside-${new Date().toISOString().replaceAll(':', '')}`;
  fs.renameSync(file, aside);
  syncDirectory(path.dirname(file));
  return aside;
}
