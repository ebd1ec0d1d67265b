/**
 * Creates directories that survive a crash: a new entry is durable only after its directory was
 * synced.
 */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from './error-code';

/**
 * Makes a directory's entries durable. Does nothing on Windows, which cannot sync a directory and
 * does not need to because its renames are journalled.
 */
export function syncDirectory(directory: string): void {
  if (process.platform !== 'win32') syncFile(directory);
}

/** Makes the bytes of a file durable. */
export function syncFile(file: string): void {
  const descriptor = fs.openSync(file, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Mode of every folder of a data root: all users may read it. It is set after the folder was
 * created because the umask may narrow the mode given to mkdir.
 */
export const FOLDER_MODE = 0o755;

/**
 * Creates a directory and its missing parents, and makes the new entries durable.
 *
 * Does not use the `recursive` option of mkdir: in Node 20 it reports a missing folder (ENOENT)
 * when the quota is used up or the device fails.
 */
export function ensureDirectory(directory: string): void {
  try {
    createDirectory(directory);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    ensureDirectory(path.dirname(directory));
    createDirectory(directory);
  }
}

/** Creates one directory. Another process may create it at the same time. */
function createDirectory(directory: string): void {
  try {
    fs.mkdirSync(directory);
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && fs.statSync(directory).isDirectory()) return;
    throw error;
  }
  fs.chmodSync(directory, FOLDER_MODE);
  syncDirectory(path.dirname(directory));
}
