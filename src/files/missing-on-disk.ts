/** Whether the disk of the data root takes another record. */
import fs from 'node:fs';

/** The largest of a run's records is a few kB. **Units** bytes. */
const RECORD = 65_536;

/** What it is out of; null: nothing, or nobody can tell. btrfs counts no inodes. */
export function missingOnDisk(root: string): 'space' | 'inodes' | null {
  try {
    const { bavail, bsize, files, ffree } = fs.statfsSync(root);
    if (bavail * bsize < RECORD) return 'space';
    return files > 0 && ffree === 0 ? 'inodes' : null;
  } catch {
    return null;
  }
}
