/**
 * A lock that keeps two commands from starting two servers: the one that creates the lock file
 * starts the server, and the other waits.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isProcessAlive } from '../../files/process/is-process-alive';
import { errorCode } from '../../files/error-code';

/** How often the lock is tried, in milliseconds. */
const CHECK_EVERY_MS = 100;

/**
 * A lock without a pid is being written. When it is older than this, in milliseconds, its writer
 * was killed.
 */
const WRITING_MS = 2_000;

/** Runs `work` while holding `file`. Takes over a lock whose process has ended. */
export async function withStartLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  while (!tryLock(file)) await delay(CHECK_EVERY_MS);
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function tryLock(file: string): boolean {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    removeStale(file);
    return false;
  }
}

function removeStale(file: string): void {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8'));
    const isStale =
      pid > 0 ? !isProcessAlive(pid) : Date.now() - fs.statSync(file).mtimeMs > WRITING_MS;
    if (isStale) fs.rmSync(file, { force: true });
  } catch {
    // The holder has removed the lock, or it cannot be read now. The next attempt decides.
  }
}
