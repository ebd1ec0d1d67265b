/** Gives way to everything else that the machine does: downloads are in no hurry, commits and people are. */
import os from 'node:os';

/** Lowers the priority of this process, and of the children it starts from now on; where the system refuses, nothing happens. */
export function lowerPriority(): void {
  try {
    os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It costs the others some time, no more.
  }
}
