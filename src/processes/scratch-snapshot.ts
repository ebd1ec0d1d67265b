/** The snapshot in the scratch folder of a child process. */
import { constants, copyFile, link, stat } from 'node:fs/promises';
import path from 'node:path';
import { StepError } from '../contract/errors';
import { dataRootPaths } from '../files/data-root';
import { errorCode } from '../files/error-code';

/** Name of the snapshot in the scratch folder. */
export const SNAPSHOT_NAME = 'snapshot.duckdb';

/**
 * Gives the snapshot a second name in the scratch folder. There a newer publication does not
 * replace it, and a stray `.wal` beside the original is not read.
 *
 * @param task what the process does, for messages.
 * @throws StepError `input` when there is no snapshot; the errors of the file system.
 */
export async function linkSnapshot(dataRoot: string, scratch: string, task: string): Promise<void> {
  if ((await linkSnapshotIfAny(dataRoot, scratch)) === null) throw noSnapshot(dataRoot, task);
}

/**
 * The same for a process that can do without a snapshot.
 *
 * @returns when the snapshot was published; null when there is none.
 * @throws the errors of the file system.
 */
export async function linkSnapshotIfAny(dataRoot: string, scratch: string): Promise<Date | null> {
  const { snapshot } = dataRootPaths(dataRoot);
  const linkedSnapshot = path.join(scratch, SNAPSHOT_NAME);
  try {
    const { mtime } = await stat(snapshot);
    // Some file systems have no hard links, and some users may not create them.
    await link(snapshot, linkedSnapshot).catch(() => copyFile(snapshot, linkedSnapshot));
    return mtime;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Copies the snapshot into the scratch folder, for a process that runs statements of users. Such a
 * statement may write to an attached file, and through a second name it would reach the published
 * one. File systems that can do it share the blocks.
 *
 * @param task what the process does, for messages.
 * @throws StepError `input` when there is no snapshot; the errors of the file system.
 * @see openLockedDatabase
 */
export async function copySnapshot(dataRoot: string, scratch: string, task: string): Promise<void> {
  const { snapshot } = dataRootPaths(dataRoot);
  try {
    await copyFile(snapshot, path.join(scratch, SNAPSHOT_NAME), constants.COPYFILE_FICLONE);
  } catch (error) {
    throw errorCode(error) === 'ENOENT' ? noSnapshot(dataRoot, task) : error;
  }
}

function noSnapshot(dataRoot: string, task: string): StepError {
  const { snapshot } = dataRootPaths(dataRoot);
  return new StepError(
    'input',
    `${task}: there is no snapshot at ${snapshot}. Run the step \`ingest\` first.`,
  );
}
