/** Replaces a file in one step, so that readers and crashes see the old file or the new one. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from './data-root';
import { ensureDirectory, syncDirectory } from './directories';
import { onDisk } from './disk-errors';
import { writeAll } from './temp-file';
import { tempName } from './temp-names';

/**
 * Writes a temporary file in `<root>/tmp`, syncs it, renames it to its final name, and syncs the
 * directory. The file gets the mode 0644.
 *
 * @throws StepError disk_*.
 */
export function writeFileAtomically(options: {
  readonly root: string;
  readonly path: string;
  readonly content: string | Uint8Array;
}): void {
  const { tmp } = dataRootPaths(options.root);
  const temp = path.join(tmp, tempName('atomic'));
  onDisk(`write ${path.basename(options.path)}`, () => {
    ensureDirectory(tmp);
    ensureDirectory(path.dirname(options.path));
    try {
      writeSynced(temp, Buffer.from(options.content));
      fs.renameSync(temp, options.path);
    } catch (error) {
      fs.rmSync(temp, { force: true });
      throw error;
    }
    syncDirectory(path.dirname(options.path));
  });
}

function writeSynced(file: string, bytes: Uint8Array): void {
  const descriptor = fs.openSync(file, 'wx', 0o644);
  try {
    writeAll(descriptor, bytes);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
