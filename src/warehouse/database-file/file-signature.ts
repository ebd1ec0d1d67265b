/** Detects whether a file has changed without opening it. */
import fs from 'node:fs';

/**
 * The size, modification time and inode of a file, or null if there is none. The file is not opened
 * because closing it would drop a lock of this process.
 */
export function fileSignature(file: string): string | null {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.size} ${stat.mtimeMs} ${stat.ino}`;
}
