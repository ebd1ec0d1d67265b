/** The decoder processes of a download worker. */
import { execFileSync } from 'node:child_process';

/**
 * Kills all decoder processes of a worker with SIGKILL.
 *
 * @returns how many there were.
 */
export function killDecodersOf(worker: number): number {
  const pids = decodersOf(worker);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return pids.length;
}

/** The pids of the decoder processes of one worker. */
export function decodersOf(worker: number): readonly number[] {
  const list = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return list.split('\n').flatMap((line) => {
    const [pid, parent, ...words] = line.trim().split(/\s+/);
    const isOne = Number(parent) === worker && words.join(' ').includes('decoder-process');
    return isOne ? [Number(pid)] : [];
  });
}
