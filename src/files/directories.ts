/** Directories that survive a crash: a new entry is durable only when its directory was synced. */
import fs from 'node:fs';
import path from 'node:path';

/** Syncs a directory's entries. Windows cannot, and needs not: its renames are journalled. */
export function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const descriptor = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Mode of every folder of a data root, set after its creation because the umask may narrow it: all users may read the data root. */
export const FOLDER_MODE = 0o755;

/**
 * Creates a directory with its parents, and syncs what is new. Not mkdir's own recursion: of a quota or a broken device it says
 * that a folder is missing (Node 20).
 */
export function ensureDirectory(directory: string): void {
  try {
    make(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    ensureDirectory(path.dirname(directory));
    make(directory);
  }
}

/** Others may make it at the same time. */
function make(directory: string): void {
  try {
    fs.mkdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && fs.statSync(directory).isDirectory())
      return;
    throw error;
  }
  fs.chmodSync(directory, FOLDER_MODE);
  syncDirectory(path.dirname(directory));
}
