/** The memory of processes, which only Linux records. */
import fs from 'node:fs';

/**
 * The most memory that a process has had, in kB. The kernel records it, so nothing is missed
 * between two calls.
 *
 * @throws when the process has ended.
 */
export function peakMemory(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]);
}
