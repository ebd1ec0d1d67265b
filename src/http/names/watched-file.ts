/** The parsed content of a small local file, which is read again after the file has changed. */
import fs from 'node:fs';
import { errorCode } from '../../files/error-code';

/** The file is checked for changes at most once in this time. */
const CHECK_INTERVAL_MS = 1_000;

/**
 * Returns a function that returns the parsed content. It returns the same object until the file
 * changes, so a change can be detected by identity. A file that does not exist counts as empty.
 */
export function watchedFile<T>(file: string, parse: (text: string) => T): () => T {
  let checkedAt = -Infinity;
  let version: string | null = null;
  let value = parse('');
  return () => {
    const now = performance.now();
    if (now - checkedAt < CHECK_INTERVAL_MS) return value;
    checkedAt = now;
    const currentVersion = fileVersion(file);
    if (currentVersion === version) return value;
    const text = readText(file);
    if (text === null) return value;
    version = currentVersion;
    value = parse(text);
    return value;
  };
}

function fileVersion(file: string): string {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return 'none';
  return [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ');
}

/**
 * Null if the file cannot be read now (for example, because too many files are open); the previous
 * content remains in use.
 */
function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? '' : null;
  }
}
