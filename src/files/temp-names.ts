/**
 * Names of temporary files, which identify the process that created them, and the removal of files
 * whose process is gone.
 */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dataRootPaths } from './data-root';
import { isProcessAlive } from './process/is-process-alive';
import { listLedgers } from './ledger/ledger-reader';

const MACHINE_HASH = createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8);

/**
 * Whether a process of another machine is alive cannot be determined. Its files count as abandoned
 * after one day (in ms).
 */
const FOREIGN_MAX_AGE_MS = 86_400_000;

/** `<what>-<machine>-<pid>-<random>`. In the names of an attempt's files, `<what>` is its token. */
const TEMP_NAME_PATTERN = /^(.+)-([0-9a-f]{8})-(\d+)-[0-9a-f]{12}(\..+)?$/;

/**
 * The cost of randomBytes depends on the number of calls, not of bytes, so many names share one
 * call.
 */
const RANDOM_BYTES = 6;
const POOL_BYTES = 1_024 * RANDOM_BYTES;
const pool = { bytes: Buffer.alloc(0), used: 0 };

/** Stands before the id of a run in the prefix of a name. */
const OF_RUN = '-of-';

export function tempName(prefix: string): string {
  if (pool.used === pool.bytes.length)
    Object.assign(pool, { bytes: randomBytes(POOL_BYTES), used: 0 });
  const random = pool.bytes.toString('hex', pool.used, pool.used + RANDOM_BYTES);
  pool.used += RANDOM_BYTES;
  return `${prefix}-${MACHINE_HASH}-${process.pid}-${random}`;
}

/** The same for a file that nothing needs after the end of the run. */
export function tempNameOfRun(what: string, runId: string): string {
  return tempName(`${what}${OF_RUN}${runId}`);
}

/**
 * Removes the temporary files of dead processes, and those of `runId`, which has ended, and of
 * all its attempts. Files whose names have another form are left alone.
 *
 * @returns the number of files removed.
 */
export function sweepTempFiles(options: { readonly root: string; readonly runId: string }): number {
  const { tmp } = dataRootPaths(options.root);
  if (!fs.existsSync(tmp)) return 0;
  const endedExecutions = new Set(listLedgers(options).map(({ execution }) => execution));
  const abandoned = fs.readdirSync(tmp).filter((name) => {
    const [, prefix = ''] = TEMP_NAME_PATTERN.exec(name) ?? [];
    const isOfRun = prefix.endsWith(`${OF_RUN}${options.runId}`);
    return isOfRun || endedExecutions.has(prefix) || isAbandoned(tmp, name);
  });
  for (const name of abandoned) fs.rmSync(path.join(tmp, name), { recursive: true, force: true });
  return abandoned.length;
}

/** Absolute paths of the temporary files that dead processes left in `tmp/`. */
export function abandonedTempFiles(root: string): readonly string[] {
  const { tmp } = dataRootPaths(root);
  return fs.existsSync(tmp) ? abandonedIn(tmp, '') : [];
}

/**
 * Creates a folder in the system's temporary folder, which only this user may read. Those of the
 * same prefix that dead processes left are removed.
 *
 * @returns its absolute path.
 * @throws the errors of the file system.
 */
export function createSystemTempFolder(prefix: string): string {
  const parent = os.tmpdir();
  for (const folder of abandonedIn(parent, `${prefix}-`)) removeIfOurs(folder);
  const folder = path.join(parent, tempName(prefix));
  fs.mkdirSync(folder, { mode: 0o700 });
  return folder;
}

function removeIfOurs(folder: string): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'EACCES') throw error;
  }
}

function abandonedIn(folder: string, prefix: string): readonly string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && isAbandoned(folder, name))
    .map((name) => path.join(folder, name));
}

/** Whether a file is a temporary file of this program whose process is gone. */
function isAbandoned(tmp: string, name: string): boolean {
  const [, , host, pid] = TEMP_NAME_PATTERN.exec(name) ?? [];
  return host !== undefined && isOwnerDead(path.join(tmp, name), host, Number(pid));
}

function isOwnerDead(file: string, host: string, pid: number): boolean {
  if (host !== MACHINE_HASH) return Date.now() - modifiedAtMs(file) > FOREIGN_MAX_AGE_MS;
  return !isProcessAlive(pid);
}

function modifiedAtMs(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
}
