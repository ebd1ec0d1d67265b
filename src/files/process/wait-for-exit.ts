import type { ChildProcess } from 'node:child_process';

/**
 * Resolves to how the process ended (`SIGKILL`, `exit code 1`), after all its messages and all its
 * output have been received.
 *
 * @throws the error with which it could not be started.
 */
export function waitForExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      resolve(signal ?? `exit code ${String(status)}`);
    });
  });
}
