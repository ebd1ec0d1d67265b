/** Stops the processes in which a worker finds groups of images. Linux only. */
import fs from 'node:fs';
import type { Command } from '../runs/pipeline';
import { until } from '../until';

const SCRIPT = 'cluster-process.js';

/**
 * Waits until the worker has started `count` of these processes, and stops each with SIGSTOP while
 * it loads its modules, before it takes its job.
 *
 * @returns their process ids.
 */
export function stopSearches(worker: Command, count = 1): Promise<readonly number[]> {
  return until(
    () => {
      const pids = searchesOf(worker);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      return pids.length === count && pids;
    },
    { within: 120, every: 5, saying: `${count} processes that find groups of images` },
  );
}

/**
 * The ids of the processes in which the worker finds groups now. Only the children of the worker
 * are read, because reading all processes of the machine every few milliseconds took half a core.
 *
 * @see proc(5), /proc/pid/task/tid/children. A worker starts its processes by its main thread,
 *   whose id is that of the worker.
 */
export function searchesOf(worker: Command): readonly number[] {
  return childrenOf(worker.pid).filter(isSearch);
}

function childrenOf(pid: number): readonly number[] {
  const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return children
    .split(' ')
    .filter((child) => child !== '')
    .map(Number);
}

function isSearch(pid: number): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(SCRIPT);
  } catch {
    // The process has ended since the children were listed.
    return false;
  }
}
