/** Reads a file with known bytes, wherever it was stored. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { errorCode } from './error-code';

/** Why no file has the bytes. */
export interface NoMatchingFile {
  readonly code: 'missing' | 'changed' | 'unreadable';
  readonly detail: string;
}

/**
 * The bytes of the first file that has this hash; otherwise why none has, the last reason that is
 * not absence.
 */
export function readMatchingFile(
  paths: readonly string[],
  sha256: string,
): Buffer | NoMatchingFile {
  let reason: NoMatchingFile = {
    code: 'missing',
    detail: 'no file with these bytes is stored',
  };
  for (const path of paths) {
    try {
      const bytes = fs.readFileSync(path);
      if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
      reason = { code: 'changed', detail: 'the file has other bytes than were stored' };
    } catch (error) {
      const code = errorCode(error) ?? 'unknown error';
      if (code !== 'ENOENT')
        reason = { code: 'unreadable', detail: `the file cannot be read (${code})` };
    }
  }
  return reason;
}
