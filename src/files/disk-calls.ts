/** File system calls that do not block the event loop: each runs in a thread of libuv's pool. */
import fs from 'node:fs';
import { promisify } from 'node:util';

/**
 * Calls that {@link fs.promises} offers only on its own file handles, and calls that are cheaper
 * without its wrappers.
 */
export const disk = {
  open: promisify(fs.open) as (file: string, flags: number) => Promise<number>,
  fsync: promisify(fs.fsync),
  fdatasync: promisify(fs.fdatasync),
  link: promisify(fs.link),
  unlink: promisify(fs.unlink),
  rename: promisify(fs.rename),
  mkdir: promisify(fs.mkdir) as (folder: string, mode: number) => Promise<void>,
  chmod: promisify(fs.chmod),
  lstat: promisify(fs.lstat) as (file: string) => Promise<fs.Stats>,
  copyFile: promisify(fs.copyFile),
};

/**
 * Waits until every promise has settled, even after one of them is rejected. Nothing of a group may
 * still be running when the group is given up.
 *
 * @throws the first rejection.
 */
export async function allDone<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason as Error;
    return result.value;
  });
}

/** Makes a file or folder durable. Refuses a symbolic link. */
export async function syncPath(file: string): Promise<void> {
  const descriptor = await disk.open(file, fs.constants.O_RDONLY | NO_FOLLOW);
  try {
    await disk.fsync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Makes open(2) refuse symbolic links. Windows has no such flag. */
export const NO_FOLLOW = (fs.constants.O_NOFOLLOW as number | undefined) ?? 0;
