/**
 * Starts the process that will inspect a catalog before it is known which one, so that it loads its
 * modules while the command that asks for it loads its own.
 */
import { PreparedProcesses } from '../../processes/prepared-processes';

/** The process that {@link startInspector} started, until it is taken. */
export const startedInspector = new PreparedProcesses();

/**
 * Unless the process is taken, it ends with `startedInspector.close()`, with this process, or after
 * a minute.
 */
export function startInspector(): void {
  startedInspector.start(['catalog/inspect/inspect-child.js']);
}
