/** Files that are replaced whole or not at all. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from './data-root';
import { ensureDirectory, syncDirectory } from './directories';
import { onDisk } from './disk-errors';
import { writeAll } from './temp-file';
import { tempName } from './temp-names';

/**
 * temp in `<root>/tmp` → fsync → rename → fsync of the directory. Mode 0644.
 *
 * **Errors** StepError disk_*.
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
