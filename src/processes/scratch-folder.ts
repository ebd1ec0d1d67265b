/** A folder of one's own below the data root's tmp/, for as long as one piece of work takes. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { dataRootPaths } from '../files/data-root';
import { tempName } from '../files/temp-names';
import { asStepError } from './process-failure';
import { errorCode } from '../files/error-code';

const SYSTEM_ERROR = /^E[A-Z]+$/;

/**
 * Does the work in a new folder and removes the folder, however the work ends.
 *
 * **Errors** the work's own; the file system's as StepError `disk_…`, `cross_device`.
 */
export async function withScratchFolder<T>(
  dataRoot: string,
  kind: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  try {
    return await inNewFolder(dataRootPaths(dataRoot).tmp, kind, work);
  } catch (error) {
    throw SYSTEM_ERROR.test(errorCode(error) ?? '') ? asStepError(error, 'disk_io') : error;
  }
}

async function inNewFolder<T>(
  tmp: string,
  kind: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  await mkdir(tmp, { recursive: true });
  const folder = path.join(tmp, tempName(kind));
  await mkdir(folder);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Moves a finished file to its place so that it is there whole or not at all, also after a power cut. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await syncPath(from);
  await rename(from, to);
  await syncPath(path.dirname(to));
}

/** Waits until a file or folder is on the disk. */
export async function syncPath(place: string): Promise<void> {
  const handle = await open(place, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
