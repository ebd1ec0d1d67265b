/** Reads the state of another process from /proc. */
import fs from 'node:fs';

/**
 * The start time of a process (ISO 8601 UTC) and whether it is stopped (SIGSTOP). `since` is null
 * where the system does not report it (not Linux).
 *
 * @see proc(5): `/proc/<pid>/status` State, `/proc/<pid>/stat` field 22 in clock ticks (100 per
 *   second) since boot, `/proc/stat` btime.
 */
export function processState(pid: number): {
  readonly since: string | null;
  readonly isStopped: boolean;
} {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in parentheses, may contain spaces, so fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const bootSeconds = /^btime (\d+)$/m.exec(fs.readFileSync('/proc/stat', 'utf8'))?.[1];
    const startedAt = Number(bootSeconds) * 1_000 + Number(fields[19]) * 10;
    return { since: new Date(startedAt).toISOString(), isStopped: fields[0] === 'T' };
  } catch {
    return { since: null, isStopped: false };
  }
}
