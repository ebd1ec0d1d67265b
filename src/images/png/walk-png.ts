/**
 * Walks a PNG: checks every chunk and its checksum, the exact length of the inflated data, and the
 * filter type of every row.
 */
import { inflateSync } from 'node:zlib';
import {
  doubt,
  finishWalk,
  refuseWalk,
  unknownKind,
  unsupportedImage,
  type Walk,
} from '../walk-result';
import { checkChunkRules, isUnknownCritical } from './chunk-rules';
import { isAnimationCut } from './animation';
import { readChunks, type Chunk } from './chunks';
import { readPngHeader } from './png-header';
import { checkFilters, inflatedLength, passesOf, type Pass } from './scanlines';

/** The most bytes that are inflated, which bounds the memory of a walk. */
const MAX_INFLATED_BYTES = 64_000_000;

/** @see PNG (ISO/IEC 15948), section 5.2. */
const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** The smallest output chunk in bytes that Node's zlib accepts. */
const MIN_CHUNK_BYTES = 64;

/** Walks a PNG. `pixels` is the largest number of pixels that is accepted. */
export function walkPng(bytes: Buffer, pixels: number): Walk {
  return finishWalk(() => {
    if (!bytes.subarray(0, 8).equals(SIGNATURE)) return doubt('no PNG signature');
    const { all, end, cut } = readChunks(bytes);
    if (cut !== null) {
      if (isAnimationCut(bytes, all, end)) return refuseWalk('truncated', cut);
      return walkUnended(bytes, all, cut, pixels);
    }
    const { width, height, isDataUsed } = walkChunks(bytes, all, pixels);
    // Decoders stop where the stream of rows ends, so they ignore the bytes of IDAT after it just
    // like those after IEND.
    return { state: 'good', width, height, hasTrailingBytes: end < bytes.length || !isDataUsed };
  });
}

/** Walks a file whose only fault is that it ends after its last row, without the end mark. */
function walkUnended(bytes: Buffer, all: readonly Chunk[], cut: string, pixels: number): Walk {
  const walk = finishWalk(() => {
    const { width, height } = walkChunks(bytes, all, pixels);
    return { state: 'unended', width, height, detail: 'no IEND, every row is there' };
  });
  const isTooLarge = walk.state === 'refused' && walk.code === 'too_many_pixels';
  return walk.state === 'unended' || isTooLarge ? walk : refuseWalk('truncated', cut);
}

interface WalkedChunks {
  readonly width: number;
  readonly height: number;
  /** True when the rows use all data of the IDAT chunks. */
  readonly isDataUsed: boolean;
}

function walkChunks(bytes: Buffer, all: readonly Chunk[], pixels: number): WalkedChunks {
  refuseUnknownParts(bytes, all, pixels);
  const [first] = all;
  if (first?.type !== 'IHDR') return doubt('a PNG that does not begin with IHDR');
  const header = readPngHeader(bytes.subarray(first.from, first.to), pixels);
  checkChunkRules(all, header);
  const passes = passesOf(header);
  const data = imageDataOf(bytes, all);
  const { rows, used } = inflateExactly(data, passes);
  checkFilters(rows, passes);
  return { width: header.width, height: header.height, isDataUsed: used >= data.length };
}

/**
 * A decoder refuses an image when it finds a critical chunk that it does not know before the data.
 * Apple's tools write such a chunk before the header, because they store pixels in another form.
 *
 * @see PNG (ISO/IEC 15948), sections 5.4 (the third letter of a type is a capital) and 14.2.
 */
function refuseUnknownParts(bytes: Buffer, all: readonly Chunk[], pixels: number): void {
  const data = all.findIndex(({ type }) => type === 'IDAT');
  const before = all.slice(0, Math.max(0, data));
  const unknown = before.find(({ type }) => isUnknownCritical(type));
  const header = before.find(({ type }) => type === 'IHDR');
  if (unknown === undefined || header === undefined) return;
  if (!/^[A-Z][A-Za-z][A-Z][A-Za-z]$/.test(unknown.type)) return;
  const { width, height } = readPngHeader(bytes.subarray(header.from, header.to), pixels);
  const kind = unknown.type === APPLE_CHUNK ? "a PNG in Apple's own form" : 'a PNG with extensions';
  unsupportedImage({ width, height }, `${kind} (critical chunk ${unknown.type})`);
}

const APPLE_CHUNK = 'CgBI';

/**
 * The result of `inflateSync` with the option `info`, which the types do not describe (Node.js,
 * zlib, class Options).
 */
interface InflatedInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** The inflated rows, and how many bytes of the data were used. */
interface Inflated {
  readonly rows: Buffer;
  readonly used: number;
}

function imageDataOf(bytes: Buffer, chunks: readonly Chunk[]): Buffer {
  const pieces = chunks
    .filter(({ type }) => type === 'IDAT')
    .map(({ from, to }) => bytes.subarray(from, to));
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
}

function inflateExactly(data: Buffer, passes: readonly Pass[]): Inflated {
  const length = inflatedLength(passes);
  if (length > MAX_INFLATED_BYTES) unknownKind('a very large PNG');
  const inflated = inflate(
    data,
    Math.max(MIN_CHUNK_BYTES, length + 1),
    inflateChunkBytes(data, length, passes),
  );
  const { rows } = inflated;
  if (rows.length !== length) doubt(`${rows.length} bytes of rows instead of ${length}`);
  return inflated;
}

/**
 * How many bytes are inflated at once. A decoder keeps only the window that the data announces and
 * the current row, and rejects references that lead further back. Where that matters, the walk
 * therefore inflates at most one row at once.
 *
 * @see RFC 1950: the first byte announces the size of the window.
 */
function inflateChunkBytes(data: Buffer, length: number, passes: readonly Pass[]): number {
  const bits = ((data[0] ?? 0) >> 4) + 8;
  if (bits >= 15 || length <= 2 ** bits) return Math.max(MIN_CHUNK_BYTES, length + 1);
  const row = Math.min(...passes.map(({ rowBytes }) => rowBytes));
  return row >= MIN_CHUNK_BYTES ? row : unknownKind('short rows with a small window');
}

function inflate(data: Buffer, maxBytes: number, chunkBytes: number): Inflated {
  try {
    const options = { chunkSize: chunkBytes, maxOutputLength: maxBytes, windowBits: 0, info: true };
    const { buffer, engine } = inflateSync(data, options) as unknown as InflatedInfo;
    return { rows: buffer, used: engine.bytesWritten };
  } catch (error) {
    return doubt(`its data does not inflate: ${error instanceof Error ? error.message : ''}`);
  }
}
