/** Whether a folder that has no snapshot may be the wrong one. */
import fs from 'node:fs';
import { dataRootPaths } from '../../files/data-root';
import { errorCode } from '../../files/error-code';

/** What an error says of a folder. Others are shown by their codes. */
const DOUBTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist.',
  ENOTDIR: 'is a file, or below one.',
};

/**
 * What shows that no run has used a folder, as a sentence that follows its name.
 *
 * @returns null for a data root, and for an empty folder, where a first run may begin.
 */
export function dataRootDoubt(dataRoot: string): string | null {
  try {
    if (fs.existsSync(dataRootPaths(dataRoot).identity)) return null;
    return isEmpty(dataRoot) ? null : 'has files, but none of a run.';
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    return DOUBTS[code] ?? `cannot be read (${code}).`;
  }
}

function isEmpty(folder: string): boolean {
  const open = fs.opendirSync(folder);
  try {
    return open.readSync() === null;
  } finally {
    open.closeSync();
  }
}
