/** Checks whether the disk of the data root has room for another record. */
import fs from 'node:fs';

/** Upper bound for the size of a run's record, in bytes. The largest take a few kilobytes. */
const MAX_RECORD_BYTES = 65_536;

/**
 * What the disk has run out of. Null when nothing is missing or the system does not report it.
 * btrfs, for example, reports no inodes at all.
 */
export function missingOnDisk(root: string): 'space' | 'inodes' | null {
  try {
    const { bavail, bsize, files, ffree } = fs.statfsSync(root);
    if (bavail * bsize < MAX_RECORD_BYTES) return 'space';
    return files > 0 && ffree === 0 ? 'inodes' : null;
  } catch {
    return null;
  }
}
