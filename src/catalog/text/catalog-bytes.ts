/** A file's bytes, unpacked when they are packed: recognised by content, not by name. */
import { createReadStream } from 'node:fs';
import { CHUNK_BYTES, packingOf, readPacked } from './packed-bytes';
import type { PackedFile } from './packed-file';
import { unusableCatalog } from './unusable-catalog';
import { SPREADSHEET } from './zipped-file';

/**
 * Kinds that are surely not text: their first bytes in hex, by their format descriptions, and what
 * is said of them.
 */
const FOREIGN: readonly (readonly [string, string])[] = [
  ['50415231', 'holds Parquet: set `format` to parquet'],
  ['504b0304', 'holds a zip archive inside another packed file: unpack it once'],
  ['28b52ffd', 'holds zstd inside another packed file: unpack it once'],
  ['fd377a58', 'holds xz: unpack it, or use gzip'],
  ['425a68', 'holds bzip2: unpack it, or use gzip'],
  ['1f8b', 'holds gzip inside another packed file: unpack it once'],
  ['d0cf11e0', SPREADSHEET],
];

/** Where the magic of an archive of tar is. */
const TAR_MARK_AT = 257;
const TAR = 'is a tar archive: unpack it into a folder, and name the folder';

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

/** @throws StepError `catalog_format` when the bytes begin as a kind that is no text. */
export function refuseForeign(first: Buffer, name: string): void {
  const start = first.subarray(0, 4).toString('hex');
  const found = FOREIGN.find(([magic]) => start.startsWith(magic))?.[1];
  const problem = first.toString('latin1', TAR_MARK_AT, TAR_MARK_AT + 5) === 'ustar' ? TAR : found;
  if (problem !== undefined) throw unusableCatalog(name, problem);
}
