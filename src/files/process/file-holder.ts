/**
 * Finds the process that locks a file without opening the file: opening and closing it could drop a
 * lock of this process.
 */
import fs from 'node:fs';
import { processState } from './process-state';

/**
 * A process that locks a file. `since` is ISO 8601 UTC, or null where the system does not report
 * it. A stopped process (SIGSTOP) keeps its lock until it is continued or killed.
 */
export interface LockHolder {
  readonly pid: number;
  readonly program: string;
  readonly since: string | null;
  readonly isStopped: boolean;
}

/**
 * Finds the process that locks `file`. `since` is the start time of the process.
 *
 * @returns null when no process locks the file, or when the system does not report it (not Linux,
 *   or another container).
 * @see proc(5), /proc/locks: `1: POSIX  ADVISORY  WRITE 4711 08:01:131 0 EOF`.
 */
export function fileHolder(file: string): LockHolder | null {
  const inode = fs.statSync(file, { throwIfNoEntry: false })?.ino;
  if (inode === undefined || !fs.existsSync('/proc/locks')) return null;
  for (const line of fs.readFileSync('/proc/locks', 'utf8').split('\n')) {
    const [, , , , pid, location] = line.trim().split(/\s+/);
    if (pid !== undefined && location?.split(':')[2] === String(inode))
      return { pid: Number(pid), program: programName(pid), ...processState(Number(pid)) };
  }
  return null;
}

function programName(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '(gone)';
  }
}
