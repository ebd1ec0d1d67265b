/** Tells whether a file is still the one that was seen, without opening it. */
import fs from 'node:fs';

/** Size, time of the last write, and inode; null when there is no file. Opening the warehouse would drop a lock of our own. */
export function signatureOf(file: string): string | null {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.size} ${stat.mtimeMs} ${stat.ino}`;
}
