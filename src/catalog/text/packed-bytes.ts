/**
 * The bytes inside a packed file: gzip, zstd, or one file of a zip archive. How a file is packed is
 * recognised by its content, not by its name.
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Decompress } from 'fzstd';
import { StepError } from '../../contract/errors';
import { gunzipMembers } from './gzip-members';
import type { PackedFile } from './packed-file';
import { readZippedFile } from './zipped-file';

export type Packing = 'gzip' | 'zstd' | 'zip';

/** Bytes that are read at a time. */
export const CHUNK_BYTES = 1 << 20;

/**
 * A small file can be made so that it unpacks to any size. Unpacking therefore stops at this many
 * times the size of the file, or at the second value if that is more. Catalogs unpack to 4 to 30
 * times their size.
 */
const MOST_TIMES_LARGER = 200;
const LEAST_LIMIT_BYTES = 256 << 20;

/** One packed block of 4 bytes may unpack to 128 KiB, and all of one slice is in memory at once. */
const ZSTD_SLICE_BYTES = 4_096;

const MAGIC: readonly (readonly [RegExp, Packing])[] = [
  [/^1f8b/, 'gzip'],
  // A frame, or one that is skipped: writers with several threads begin with such a frame.
  [/^(?:28b52ffd|5.2a4d18)/, 'zstd'],
  [/^504b0304/, 'zip'],
];

/**
 * Returns how a file is packed; null when it is not.
 *
 * @throws errors of the file system.
 */
export async function packingOf(file: string): Promise<Packing | null> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const start = buffer.subarray(0, bytesRead).toString('hex');
    return MAGIC.find(([magic]) => magic.test(start))?.[1] ?? null;
  } finally {
    await handle.close();
  }
}

/**
 * Unpacks a file, chunk by chunk.
 *
 * @throws StepError `catalog_format` when it is damaged, cut short, made to unpack without end, or
 *   a zip archive in which no single file is the catalog.
 */
export async function* readPacked(source: PackedFile, packing: Packing): AsyncGenerator<Buffer> {
  const { file, name } = source;
  const most = Math.max(LEAST_LIMIT_BYTES, (await stat(file)).size * MOST_TIMES_LARGER);
  let bytes = 0;
  try {
    for await (const chunk of unpack(source, packing)) {
      bytes += chunk.length;
      if (bytes > most) throw tooLarge(name, packing);
      yield chunk;
    }
  } catch (error) {
    throw unpackingError(error, name, packing);
  }
}

async function* unpack(source: PackedFile, packing: Packing): AsyncGenerator<Buffer> {
  if (packing === 'zip') {
    yield* readZippedFile(source);
    return;
  }
  const bytes = createReadStream(source.file, { highWaterMark: CHUNK_BYTES });
  if (packing === 'zstd') yield* zstdChunks(bytes);
  else yield* gunzipMembers(chunksOf(bytes), CHUNK_BYTES, source.onRest ?? (() => undefined));
}

async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream) yield chunk as Buffer;
}

/** Node's own zstd, which versions from 22.15 on have, ends after the first frame of several. */
async function* zstdChunks(source: Readable): AsyncGenerator<Buffer> {
  let unpacked: Buffer[] = [];
  const decompress = new Decompress((chunk) => unpacked.push(Buffer.from(chunk)));
  for await (const chunk of chunksOf(source))
    for (let at = 0; at < chunk.length; at += ZSTD_SLICE_BYTES) {
      decompress.push(chunk.subarray(at, at + ZSTD_SLICE_BYTES));
      yield* unpacked;
      unpacked = [];
    }
  decompress.push(new Uint8Array(0), true);
  yield* unpacked;
}

function tooLarge(name: string, packing: Packing): StepError {
  return new StepError(
    'catalog_format',
    `The catalog ${name} is ${packing} that unpacks to more than ${MOST_TIMES_LARGER} times its size, so it may be made to do harm. If it is a listing, unpack it.`,
  );
}

/** Errors of the file system keep what they are. */
function unpackingError(error: unknown, name: string, packing: Packing): unknown {
  if (error instanceof StepError || isSystemError(error)) return error;
  const seen = error instanceof Error ? error.message : String(error);
  return new StepError(
    'catalog_format',
    `The catalog ${name} is ${packing} that is damaged or cut short (${seen}): fetch the file again.`,
    { cause: error },
  );
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
