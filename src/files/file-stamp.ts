/** Notices that a file has been written to or replaced, without reading it. */
import { stat } from 'node:fs/promises';

/**
 * Returns a text that changes when the file is written to or replaced.
 *
 * @throws the errors of the file system.
 */
export async function fileStamp(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join('/');
}
