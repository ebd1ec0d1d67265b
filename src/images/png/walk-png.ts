/** Walks a PNG: every chunk and its checksum, the inflated data to its exact length, the filter of every row. */
import { inflateSync } from 'node:zlib';
import { doubt, finishWalk, unknownKind, type Walk } from '../walk';
import { checkChunkRules } from './chunk-rules';
import { readChunks, type Chunk } from './chunks';
import { readPngHeader } from './header';
import { checkFilters, inflatedLength, passesOf } from './scanlines';

/** More is not inflated at once: it is the most memory that a walk takes. **Units** bytes. */
const MOST_INFLATED = 64_000_000;

/** **Units** `pixels` the most that are allowed. */
export function walkPng(bytes: Buffer, pixels: number): Walk {
  return finishWalk(() => {
    const { all, end } = readChunks(bytes);
    const [first] = all;
    if (first?.type !== 'IHDR') return doubt('a PNG that does not begin with IHDR');
    const header = readPngHeader(bytes.subarray(first.from, first.to), pixels);
    checkChunkRules(all, header);
    const passes = passesOf(header);
    checkFilters(inflateExactly(dataOf(bytes, all), inflatedLength(passes)), passes);
    const { width, height } = header;
    return { state: 'good', width, height, hasTrailingBytes: end < bytes.length };
  });
}

function dataOf(bytes: Buffer, chunks: readonly Chunk[]): Buffer {
  const pieces = chunks
    .filter(({ type }) => type === 'IDAT')
    .map(({ from, to }) => bytes.subarray(from, to));
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
}

/** **Source** RFC 1950; its window is what a decoder keeps, and decoders refuse distances beyond it. */
function inflateExactly(data: Buffer, length: number): Buffer {
  if (length > MOST_INFLATED) unknownKind('a very large PNG');
  if (length > windowOf(data)) unknownKind('data with a small window');
  const inflated = inflate(data, Math.max(64, length + 1));
  if (inflated.length !== length) doubt(`${inflated.length} bytes of rows instead of ${length}`);
  return inflated;
}

/** **Units** bytes; without end where it is the largest that there is. */
function windowOf(data: Buffer): number {
  const bits = ((data[0] ?? 0) >> 4) + 8;
  return bits >= 15 ? Infinity : 2 ** bits;
}

function inflate(data: Buffer, most: number): Buffer {
  try {
    return inflateSync(data, { chunkSize: most, maxOutputLength: most });
  } catch (error) {
    return doubt(`its data does not inflate: ${error instanceof Error ? error.message : ''}`);
  }
}
