/** Looks from outside whether anybody holds the lock of a DuckDB file. */
import fs from 'node:fs';

/** **Units** ms between two looks. */
const EVERY_MS = 2;

/** `stop` returns the share of looks at which the file was locked. Linux only: `/proc/locks` names inodes. */
export function sampleLock(file: string): { stop(): number } {
  let looks = 0;
  let held = 0;
  const timer = setInterval(() => {
    looks += 1;
    const inode = fs.statSync(file, { throwIfNoEntry: false })?.ino;
    if (inode === undefined) return;
    const locks = fs.readFileSync('/proc/locks', 'utf8');
    if (new RegExp(`:${inode} `).test(locks)) held += 1;
  }, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return held / looks;
    },
  };
}
