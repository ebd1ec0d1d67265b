/** A second name for a file. */
import fs from 'node:fs';

/** What link(2) says where the file system, or the user's rights, know no hard links. */
const REFUSED: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EMLINK',
  'ENOSYS',
]);

/** A hard link, or a copy where links are refused. **Errors** EEXIST when the name is taken; those of the file system. */
export function linkOrCopy(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if (!REFUSED.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE);
  }
}
