/**
 * A new folder that exists only while one piece of work takes place: below the data root's tmp/, or
 * in the system's temporary folder where nothing may be written to the data root.
 */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { dataRootPaths } from '../files/data-root';
import { createSystemTempFolder, tempName } from '../files/temp-names';
import { asStepError } from './process-failure';
import { errorCode } from '../files/error-code';

const SYSTEM_ERROR = /^E[A-Z]+$/;

/**
 * Does the work in a new folder and removes the folder, however the work ends.
 *
 * @throws the errors of the work; StepError `disk_…` or `cross_device` for errors of the file
 *   system.
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
  return removedAfter(folder, work);
}

/**
 * The same in the system's temporary folder.
 *
 * @param prefix of the folder's name.
 * @throws the errors of the file system and of the work.
 */
export async function withSystemScratchFolder<T>(
  prefix: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  return removedAfter(createSystemTempFolder(prefix), work);
}

async function removedAfter<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T> {
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Moves a finished file to its final place. After a power failure the whole file is there, or none.
 */
export async function moveDurably(from: string, to: string): Promise<void> {
  await syncPath(from);
  await rename(from, to);
  await syncPath(path.dirname(to));
}

/** Waits until the contents of a file, or the entries of a folder, are durable. */
export async function syncPath(place: string): Promise<void> {
  const handle = await open(place, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
