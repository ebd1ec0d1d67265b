/**
 * Child processes for work on untrusted files, and those of them that are started before their work
 * is known. Starting one and loading its modules takes as long as the work on a small catalog, so
 * the worker that will need them starts them while the run begins. Each serves one piece of work.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { builtFile } from '../files/process/built-file';
import { limitedExec, type ResourceLimits } from '../files/process/resource-limits';
import type { ChildScript } from './child-scripts';

/** The JavaScript heap of a child, in MiB. DuckDB's memory has a limit of its own. */
const HEAP_MEBIBYTES = 1024;

/**
 * How long a process waits for its work, in milliseconds. A worker that gets no run soon does not
 * keep the memory.
 */
const MAX_WAIT_MS = 60_000;

export class PreparedProcesses {
  private readonly waiting = new Map<ChildScript, ChildProcess>();

  /**
   * Starts a process for each script for which no process is waiting. A process that is not taken
   * ends after a minute.
   */
  start(scripts: readonly ChildScript[]): void {
    for (const script of scripts) {
      if (this.waiting.has(script)) continue;
      const child = startChild(script);
      this.waiting.set(script, child);
      // A process that cannot be started is not offered, and the next one reports why.
      child.once('error', () => this.forget(script, child));
      child.once('exit', () => this.forget(script, child));
      setTimeout(() => {
        if (this.forget(script, child)) killGroup(child);
      }, MAX_WAIT_MS).unref();
    }
  }

  /** @returns a process that waits for its work, or null. The caller must end it. */
  take(script: ChildScript): ChildProcess | null {
    const child = this.waiting.get(script);
    this.waiting.delete(script);
    return child?.connected === true ? child : null;
  }

  /** Ends the processes that were not taken. */
  close(): void {
    for (const child of this.waiting.values()) killGroup(child);
    this.waiting.clear();
  }

  private forget(script: ChildScript, child: ChildProcess): boolean {
    return this.waiting.get(script) === child && this.waiting.delete(script);
  }
}

/**
 * Starts a process that gets no secrets and has a process group of its own. Its work names the
 * folder that it works in.
 *
 * @param limits by default only the JavaScript heap is limited.
 */
export function startChild(script: ChildScript, limits?: ResourceLimits): ChildProcess {
  const program = builtFile(path.join('bundled', script));
  return fork(program, [], {
    cwd: path.parse(program).root,
    detached: true,
    env: { TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(limits === undefined
      ? { execArgv: [`--max-old-space-size=${HEAP_MEBIBYTES}`] }
      : limitedExec(limits)),
  });
}

/** Ends a child and all processes that it started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already, which is what was wanted.
    child.kill('SIGKILL');
  }
}
