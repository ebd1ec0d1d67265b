/** Copies a DuckDB file that is closed and stands alone. */
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import { ensureDirectory } from '../../files/directories';
import { signatureOf } from './file-signature';

/**
 * A copy on write where the file system can, else `copy_file_range`: the bytes never pass through this process. The file must be
 * closed: opening it here would drop a lock of our own.
 *
 * **Shape** returns the signature of what was copied.
 * **Errors** StepError `db_locked` when another program wrote it meanwhile; those of the file system.
 */
export async function copyClosedFile(from: string, to: string): Promise<string> {
  ensureDirectory(path.dirname(to));
  const before = signatureOf(from);
  await fs.promises.copyFile(from, to, fs.constants.COPYFILE_FICLONE);
  if (before === null || signatureOf(from) !== before || fs.existsSync(`${from}.wal`))
    throw writtenMeanwhile(from, 'it was copied');
  return before;
}

/** Tried again by itself: the other program may have gone. */
export function writtenMeanwhile(file: string, meanwhile: string): StepError {
  return new StepError(
    'db_locked',
    `${file} was opened or written by another program while ${meanwhile}. Close that program; this is tried again by itself.`,
  );
}

/** The bytes of a file are on the disk when it returns. */
export function syncFile(file: string): void {
  const descriptor = fs.openSync(file, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
