/** A file's bytes, unpacked when they are packed: recognised by content, not by name. */
import { createReadStream } from 'node:fs';
import { CHUNK_BYTES, packingOf, readPacked } from './packed-bytes';
import type { PackedFile } from './packed-file';
import { unusableCatalog } from './unusable-catalog';

/**
 * The bytes, chunk by chunk.
 *
 * @throws StepError `catalog_format` when a packed file cannot be unpacked; errors of the file
 *   system.
 */
export async function* readBytes(source: PackedFile): AsyncGenerator<Buffer> {
  const { file, name, member } = source;
  const packing = await packingOf(file);
  if (member !== undefined && packing !== 'zip')
    throw unusableCatalog(
      name,
      `is no zip archive, so it has no ${JSON.stringify(member)} in it: leave \`member\` (--member) out`,
    );
  if (packing !== null) yield* readPacked(source, packing);
  else
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }))
      yield chunk as Buffer;
}
