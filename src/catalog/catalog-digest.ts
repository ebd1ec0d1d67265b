/** Identifies the bytes of a catalog by size and sha256. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileStamp } from '../files/file-stamp';

/** The size of a file in bytes, and its sha256 in lower-case hexadecimal. */
export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * How long ago a file must have been changed when it is hashed, in milliseconds. After a later
 * change a file system with coarse time stamps may show the same time.
 */
const SETTLED_AFTER_MS = 2_500;
/** Digests of files that this process has hashed, by their real paths. */
const known = new Map<string, { readonly stamp: string; readonly digest: FileDigest }>();
const MOST_KNOWN = 10_000;

/**
 * Identifies the bytes of a file. The process reads a file once for as long as its size, its inode
 * and its times stay the same.
 *
 * @throws the errors of the file system; the signal's reason when aborted.
 */
export async function digestFile(file: string, signal?: AbortSignal): Promise<FileDigest> {
  const stamp = await fileStamp(file);
  const before = known.get(file);
  if (before?.stamp === stamp) return before.digest;
  const { ctimeMs } = await stat(file);
  const isSettled = Date.now() - ctimeMs > SETTLED_AFTER_MS;
  const digest = await readDigest(file, signal);
  if (!isSettled || (await fileStamp(file)) !== stamp) return digest;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(file, { stamp, digest });
  return digest;
}

async function readDigest(file: string, signal?: AbortSignal): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    signal?.throwIfAborted();
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
