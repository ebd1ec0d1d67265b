/** Which bytes a catalog had: its size and sha256, and a way to see that they are the same still. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** **Units** bytes; sha256 in lower-case hex. */
export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** **Errors** those of the file system; the signal's reason when aborted. */
export async function digestFile(file: string, signal?: AbortSignal): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    signal?.throwIfAborted();
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Changes when the file is written to or replaced. */
export async function fileStamp(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join('/');
}
