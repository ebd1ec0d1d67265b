/** Observes from outside whether a process holds the lock of a DuckDB file. */
import fs from 'node:fs';

/** The pause between two observations, in milliseconds. */
const EVERY_MS = 2;

/**
 * Starts to observe. `stop` returns the share of observations in which the file was locked. Only
 * Linux names inodes in `/proc/locks`.
 */
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
