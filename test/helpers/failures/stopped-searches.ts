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

/** The ids of the processes in which the worker finds groups now. */
export function searchesOf(worker: Command): readonly number[] {
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => isSearchOf(worker, pid));
}

function isSearchOf(worker: Command, pid: number): boolean {
  try {
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    if (!command.includes(SCRIPT)) return false;
    // The fields after the name of the program are the state and the id of the parent.
    const [, fields = ''] = fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ');
    return Number(fields.split(' ')[1]) === worker.pid;
  } catch {
    // The process has ended since the folder was listed.
    return false;
  }
}
