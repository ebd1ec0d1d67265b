/** Walks a PNG: every chunk and its checksum, the inflated data to its exact length, the filter of every row. */
import { inflateSync } from 'node:zlib';
import { doubt, finishWalk, unknownKind, type Walk } from '../walk';
import { checkChunkRules } from './chunk-rules';
import { readChunks, type Chunk } from './chunks';
import { readPngHeader } from './header';
import { checkFilters, inflatedLength, passesOf, type Pass } from './scanlines';

/** More is not inflated at once: it is the most memory that a walk takes. **Units** bytes. */
const MOST_INFLATED = 64_000_000;

/** **Source** PNG 5.2. */
const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Node's zlib takes no smaller ones. **Units** bytes. */
const LEAST_PIECE = 64;

/** **Units** `pixels` the most that are allowed. */
export function walkPng(bytes: Buffer, pixels: number): Walk {
  return finishWalk(() => {
    if (!bytes.subarray(0, 8).equals(SIGNATURE)) return doubt('no PNG signature');
    const { all, end } = readChunks(bytes);
    const [first] = all;
    if (first?.type !== 'IHDR') return doubt('a PNG that does not begin with IHDR');
    const header = readPngHeader(bytes.subarray(first.from, first.to), pixels);
    checkChunkRules(all, header);
    const passes = passesOf(header);
    const data = dataOf(bytes, all);
    const { rows, used } = inflateExactly(data, passes);
    checkFilters(rows, passes);
    const { width, height } = header;
    // Decoders stop where the stream of rows ends: what IDAT has behind it is no less hidden than what stands behind IEND.
    const hasTrailingBytes = end < bytes.length || used < data.length;
    return { state: 'good', width, height, hasTrailingBytes };
  });
}

/** What `info` makes of the result; the types do not know it. **Source** Node.js, zlib, class Options. */
interface InflatedInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** **Units** `used` bytes of the data. */
interface Inflated {
  readonly rows: Buffer;
  readonly used: number;
}

function dataOf(bytes: Buffer, chunks: readonly Chunk[]): Buffer {
  const pieces = chunks
    .filter(({ type }) => type === 'IDAT')
    .map(({ from, to }) => bytes.subarray(from, to));
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
}

/** **Source** RFC 1950: the first byte says how far back the data refers at most. */
function inflateExactly(data: Buffer, passes: readonly Pass[]): Inflated {
  const length = inflatedLength(passes);
  if (length > MOST_INFLATED) unknownKind('a very large PNG');
  const inflated = inflate(data, Math.max(LEAST_PIECE, length + 1), pieceOf(data, length, passes));
  const { rows } = inflated;
  if (rows.length !== length) doubt(`${rows.length} bytes of rows instead of ${length}`);
  return inflated;
}

/**
 * How much is inflated at once. A decoder keeps no more than the window that the data announces, beside the row that it works
 * on, and refuses what refers further back; so where that matters, the walk inflates in pieces of at most a row.
 *
 * **Units** bytes.
 */
function pieceOf(data: Buffer, length: number, passes: readonly Pass[]): number {
  const bits = ((data[0] ?? 0) >> 4) + 8;
  if (bits >= 15 || length <= 2 ** bits) return Math.max(LEAST_PIECE, length + 1);
  const row = Math.min(...passes.map(({ rowBytes }) => rowBytes));
  return row >= LEAST_PIECE ? row : unknownKind('short rows with a small window');
}

function inflate(data: Buffer, most: number, piece: number): Inflated {
  try {
    const options = { chunkSize: piece, maxOutputLength: most, windowBits: 0, info: true };
    const { buffer, engine } = inflateSync(data, options) as unknown as InflatedInfo;
    return { rows: buffer, used: engine.bytesWritten };
  } catch (error) {
    return doubt(`its data does not inflate: ${error instanceof Error ? error.message : ''}`);
  }
}
