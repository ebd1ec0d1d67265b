/**
 * Gives precedence to everything else on the machine, because downloads are less urgent than
 * commits and users.
 */
import os from 'node:os';

/**
 * Lowers the priority of this process and of the child processes that it starts later. Does nothing
 * if the system refuses.
 */
export function lowerPriority(): void {
  try {
    os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Normal priority only slows other processes down.
  }
}
