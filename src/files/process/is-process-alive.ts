/** The one place that asks the system whether a process of this machine exists. */

/** A pid is a 32-bit number: a larger one would be cut to some other process, or to -1, which is all of them. */
const LARGEST_PID = 2 ** 31 - 1;

/**
 * @param pid only a positive whole number names one process: 0 and negative numbers name groups.
 * @returns true also for a process of another user, which refuses the signal (EPERM); false only for one that does not exist.
 */
export function isProcessAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid > LARGEST_PID) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
