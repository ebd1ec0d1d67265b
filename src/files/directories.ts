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

/** Whatever the umask: who may see the data root may see what is in it. */
const MODE = 0o755;

/** Creates a directory with its parents, and syncs what is new. */
export function ensureDirectory(directory: string): void {
  const first = fs.mkdirSync(directory, { recursive: true });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = path.dirname(made)) {
    fs.chmodSync(made, MODE);
    syncDirectory(path.dirname(made));
  }
}
