/** Who has a lock on a file, without touching the file: opening it could drop a lock of our own. */
import fs from 'node:fs';
import { processState } from './process-state';

/** The process that locks a file. `since` ISO 8601 UTC, null where the system does not tell; a stopped holder blocks for ever. */
export interface LockHolder {
  readonly pid: number;
  readonly program: string;
  readonly since: string | null;
  readonly isStopped: boolean;
}

/**
 * The process that locks `file`, `since` being its own start; null when nobody does, or where the system does not tell
 * (not Linux; another container).
 *
 * **Source** proc(5), /proc/locks: `1: POSIX  ADVISORY  WRITE 4711 08:01:131 0 EOF`.
 */
export function fileHolder(file: string): LockHolder | null {
  const inode = fs.statSync(file, { throwIfNoEntry: false })?.ino;
  if (inode === undefined || !fs.existsSync('/proc/locks')) return null;
  for (const line of fs.readFileSync('/proc/locks', 'utf8').split('\n')) {
    const [, , , , pid, where] = line.trim().split(/\s+/);
    if (pid !== undefined && where?.split(':')[2] === String(inode))
      return { pid: Number(pid), program: programOf(pid), ...processState(Number(pid)) };
  }
  return null;
}

function programOf(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '(gone)';
  }
}
