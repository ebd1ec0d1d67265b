/** Reads small files and folders that may be absent. */
import fs from 'node:fs';
import type { z } from 'zod';
import { asDiskError } from './disk-errors';
import { errorCode } from './error-code';
import { parseJson } from './parse-json';

/**
 * The text of a file, or null when there is no such file.
 *
 * @throws StepError disk_*, or the error of the file system, when the file exists and cannot be
 *   read now (EIO, EMFILE, EACCES). Such an error is no evidence that the file is absent.
 */
export function readIfPresent(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw asDiskError(error, `read ${file}`) ?? error;
  }
}

/**
 * The names in a folder; none when there is no such folder.
 *
 * @throws the error of the file system when the folder exists and cannot be read now. `existsSync`
 *   would take any such error for an absent folder.
 */
export function namesIfPresent(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * The content of a JSON file, or null when there is no such file, or when its text does not match
 * the schema.
 *
 * @throws as {@link readIfPresent}.
 */
export function readJsonIfPresent<T>(schema: z.ZodType<T>, file: string): T | null {
  const text = readIfPresent(file);
  return text === null ? null : parseJson(schema, text);
}
