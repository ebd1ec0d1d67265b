/** The snapshot that a planning process reads. */
import { copyFile, link } from 'node:fs/promises';
import path from 'node:path';
import { StepError } from '../contract/errors';
import { dataRootPaths } from '../files/data-root';
import { SNAPSHOT_NAME } from './plan-job';

/**
 * Gives the snapshot a second name in the scratch folder. There a newer publication does not
 * replace it, and a stray `.wal` beside the original is not read.
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
      `${task}: there is no snapshot to plan from (${String(error)}). Run the step \`ingest\` first.`,
      { cause: error },
    );
  }
}
