import fs from 'node:fs';
import { FOLDER_VARIABLE, readSharedServer } from './shared-server';

/** Ends the Temporal server of all suites if one of them has started it. */
export default function afterAllSuites(): void {
  const folder = process.env[FOLDER_VARIABLE];
  if (folder === undefined) return;
  const server = readSharedServer(folder);
  if (server !== null) process.kill(server.pid, 'SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
}
