/** Copies a closed DuckDB file that has no write-ahead log. */
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import { ensureDirectory } from '../../files/directories';
import { fileSignature } from './file-signature';

/**
 * Copies a file, by copy-on-write where the file system supports it and by `copy_file_range`
 * otherwise, so that the bytes never pass through this process. The file must be closed because
 * opening it here would drop a lock of this process.
 *
 * @returns the signature of the copied file.
 * @throws StepError `db_locked` when another program wrote it during the copy; errors of the file
 *   system.
 */
export async function copyClosedFile(from: string, to: string): Promise<string> {
  ensureDirectory(path.dirname(to));
  const before = fileSignature(from);
  await fs.promises.copyFile(from, to, fs.constants.COPYFILE_FICLONE);
  if (before === null || fileSignature(from) !== before || fs.existsSync(`${from}.wal`))
    throw writtenMeanwhileError(from, 'it was copied');
  return before;
}

/**
 * The error for a file that another program opened or wrote. The step is retried automatically
 * because that program may have ended.
 */
export function writtenMeanwhileError(file: string, activity: string): StepError {
  return new StepError(
    'db_locked',
    `${file} was opened or written by another program while ${activity}. Close that program; this is tried again by itself.`,
  );
}
