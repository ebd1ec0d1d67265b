/**
 * `temporal/server.json`: the record of a data root's embedded server, and whether that server
 * still runs.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { dataRootPaths } from '../../files/data-root';
import { isProcessAlive } from '../../files/process/is-process-alive';
import { readJsonIfPresent } from '../../files/read-if-present';

const schema = z.object({
  v: z.literal(1),
  pid: z.number().int().positive(),
  address: z.string(),
  uiUrl: z.string(),
  cli: z.string(),
  startedAt: z.string(),
});

/** The content of server.json. */
export type ServerRecord = z.infer<typeof schema>;

export function serverFile(dataRoot: string, name: string): string {
  return path.join(dataRootPaths(dataRoot).temporal, name);
}

/**
 * The last record, whether or not its server is alive; null when there is none.
 *
 * @throws StepError disk_* when the record cannot be read: its server may be running, and two
 *   servers on one database would damage it.
 */
export function lastServerRecord(dataRoot: string): ServerRecord | null {
  return readJsonIfPresent(schema, serverFile(dataRoot, 'server.json'));
}

/**
 * The record if its process is alive; otherwise null. Another program that got the same pid is not
 * mistaken for the server.
 */
export function readServerRecord(dataRoot: string): ServerRecord | null {
  const record = lastServerRecord(dataRoot);
  return record !== null && isServer(record.pid) ? record : null;
}

function isServer(pid: number): boolean {
  if (!isProcessAlive(pid)) return false;
  const commandLine = `/proc/${pid}/cmdline`;
  if (!fs.existsSync(commandLine)) return process.platform !== 'linux';
  return fs.readFileSync(commandLine, 'utf8').includes('start-dev');
}
