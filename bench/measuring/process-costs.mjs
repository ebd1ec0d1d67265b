/**
 * The CPU seconds, and the memory in MB, of processes with their children, from /proc (Linux only).
 */
import fs from 'node:fs';

const TICKS = 100;
const PAGE_MB = 4_096 / 1e6;

/**
 * The CPU time of a process, of its living children, and of those that it has waited for; the
 * memory of the process, and of all of them.
 */
export function costsOf(pid) {
  const own = statOf(pid);
  if (own === null) return { cpu: 0, own: 0, tree: 0 };
  const children = fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat?.parent === pid);
  return {
    cpu: [own, ...children].reduce((sum, { cpu }) => sum + cpu, 0),
    own: own.memory,
    tree: [own, ...children].reduce((sum, { memory }) => sum + memory, 0),
  };
}

/** The most memory that a process has had; 0 when it has ended. */
export function peakMegabytes(pid) {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_000;
  } catch {
    return 0;
  }
}

function statOf(pid) {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const cpu = fields.slice(11, 15).reduce((a, b) => a + b, 0) / TICKS;
    return { parent: fields[1], cpu, memory: fields[21] * PAGE_MB };
  } catch {
    return null;
  }
}
