/**
 * A thread that hashes batches of files. It reads them with synchronous calls, which is five times
 * as fast as streams when files are small.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { worker } from 'workerpool';

/**
 * The result for one file. `sha256` is in lower-case hex, or null. `error` is the file system's
 * code when the file could not be read.
 */
export interface Hashed {
  readonly sha256: string | null;
  readonly error: string | null;
}

/** The bytes that are read at once. */
const buffer = Buffer.allocUnsafe(1 << 20);

const { O_NOFOLLOW, O_RDONLY } = fs.constants;

function hashFiles(files: readonly string[]): readonly Hashed[] {
  return files.map((file) => {
    try {
      return { sha256: hashFile(file), error: null };
    } catch (error) {
      return { sha256: null, error: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
  });
}

function hashFile(file: string): string {
  const descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW);
  try {
    const hash = createHash('sha256');
    for (;;) {
      const bytesRead = fs.readSync(descriptor, buffer);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

worker({ hashFiles });
