/** The only place that checks whether a process of this machine exists. */
import { errorCode } from '../error-code';

/**
 * A pid is a 32-bit number. A larger number would be truncated to the pid of another process, or to
 * -1, which stands for all processes.
 */
const LARGEST_PID = 2 ** 31 - 1;

/**
 * Whether a process exists.
 *
 * @param pid only a positive whole number names a process: 0 and negative numbers name groups.
 * @returns true also for a process of another user, for which kill(2) fails with EPERM. False only
 *   if there is no such process.
 */
export function isProcessAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid > LARGEST_PID) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
