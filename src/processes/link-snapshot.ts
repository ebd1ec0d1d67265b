/** The snapshot that a child process reads. */
import { copyFile, link } from 'node:fs/promises';
import path from 'node:path';
import { StepError } from '../contract/errors';
import { dataRootPaths } from '../files/data-root';

/** Name of the snapshot in the scratch folder. */
export const SNAPSHOT_NAME = 'snapshot.duckdb';

/**
 * Gives the snapshot a second name in the scratch folder. There a newer publication does not
 * replace it, and a stray `.wal` beside the original is not read.
 *
 * @param task what the process does, for messages.
 */
export async function linkSnapshot(dataRoot: string, scratch: string, task: string): Promise<void> {
  const { snapshot } = dataRootPaths(dataRoot);
  const linkedSnapshot = path.join(scratch, SNAPSHOT_NAME);
  try {
    // Some file systems have no hard links, and some users may not create them.
    await link(snapshot, linkedSnapshot).catch(() => copyFile(snapshot, linkedSnapshot));
  } catch (error) {
    throw new StepError(
      'input',
      `${task}: there is no snapshot to read (${String(error)}). Run the step \`ingest\` first.`,
      { cause: error },
    );
  }
}
