/** What the system tells of another process. */
import fs from 'node:fs';

/**
 * Since when a process runs (ISO 8601 UTC) and whether it was stopped (SIGSTOP); `since` null where it is not told (not Linux).
 *
 * **Source** proc(5): `/proc/<pid>/status` State, `/proc/<pid>/stat` field 22 in clock ticks (100 a second) since boot, `/proc/stat` btime.
 */
export function processState(pid: number): {
  readonly since: string | null;
  readonly isStopped: boolean;
} {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in brackets, may hold spaces: fields are counted behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = /^btime (\d+)$/m.exec(fs.readFileSync('/proc/stat', 'utf8'))?.[1];
    const startedAt = Number(boot) * 1_000 + Number(fields[19]) * 10;
    return { since: new Date(startedAt).toISOString(), isStopped: fields[0] === 'T' };
  } catch {
    return { since: null, isStopped: false };
  }
}
