/** Calls of the file system that do not hold the event loop: each runs in a thread of libuv's pool. */
import fs from 'node:fs';
import { promisify } from 'node:util';

/** The calls that {@link fs.promises} has for its own file handles only, and those that are cheaper without them. */
export const disk = {
  open: promisify(fs.open) as (file: string, flags: number) => Promise<number>,
  fsync: promisify(fs.fsync),
  fdatasync: promisify(fs.fdatasync),
  link: promisify(fs.link),
  unlink: promisify(fs.unlink),
  rename: promisify(fs.rename),
  mkdir: promisify(fs.mkdir) as (folder: string) => Promise<void>,
  chmod: promisify(fs.chmod),
  lstat: promisify(fs.lstat) as (file: string) => Promise<fs.Stats>,
  copyFile: promisify(fs.copyFile),
};

/**
 * Waits for all of them, also when one fails: nothing of a group goes on when the group is given up.
 *
 * @throws the first failure.
 */
export async function allDone<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const ends = await Promise.allSettled(work);
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason as Error;
    return end.value;
  });
}

/** Opens a file or folder that is no symbolic link, and syncs it. */
export async function syncPath(file: string): Promise<void> {
  const descriptor = await disk.open(file, fs.constants.O_RDONLY | NO_FOLLOW);
  try {
    await disk.fsync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Windows has none. */
export const NO_FOLLOW = (fs.constants.O_NOFOLLOW as number | undefined) ?? 0;
