/** The parsed content of a small local file, read again after the file has changed. */
import fs from 'node:fs';

/** How often the file is looked at, at most. */
const CHECK_MS = 1_000;

/**
 * Returns a function that returns the parsed content. It returns the same object for as long as the
 * file stays the same, so a change can be recognized by identity. A file that does not exist counts
 * as empty.
 */
export function watchedFile<T>(file: string, parse: (text: string) => T): () => T {
  let checkedAt = -Infinity;
  let stamp: string | null = null;
  let value = parse('');
  return () => {
    const now = performance.now();
    if (now - checkedAt < CHECK_MS) return value;
    checkedAt = now;
    const current = stampOf(file);
    if (current === stamp) return value;
    const text = readText(file);
    if (text === null) return value;
    stamp = current;
    value = parse(text);
    return value;
  };
}

function stampOf(file: string): string {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return 'none';
  return [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ');
}

/**
 * Null when the file cannot be read now (for example, too many files are open): the former content
 * stays.
 */
function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? '' : null;
  }
}
