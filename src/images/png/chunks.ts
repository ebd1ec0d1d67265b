/** Reads the chunks of a PNG, and checks their lengths, their checksums and the end of the file. */
import { crc32 } from 'node:zlib';
import { refuseWalk } from '../walk-result';

/** A chunk. Its data are the bytes from `from` up to, but not including, `to`. */
export interface Chunk {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  /** Whether the checksum is right. */
  readonly isSound: boolean;
}

/** All whole chunks of a PNG. `end` is the offset after the last one. */
export interface Chunks {
  readonly all: readonly Chunk[];
  readonly end: number;
  /** Why the chunks end without IEND; null with it. */
  readonly cut: string | null;
}

const SIGNATURE_LENGTH = 8;
const CHUNK_OVERHEAD = 12;

/**
 * Reads all chunks up to IEND, or up to the end of the file. Unlike decoders, it refuses a critical
 * chunk with a wrong checksum.
 *
 * @see PNG (ISO/IEC 15948), section 5.3: length, type, data, CRC of type and data; the type of a
 * critical chunk begins with a capital letter.
 */
export function readChunks(bytes: Buffer): Chunks {
  const all: Chunk[] = [];
  let offset = SIGNATURE_LENGTH;
  while (offset + CHUNK_OVERHEAD <= bytes.length) {
    const type = bytes.toString('latin1', offset + 4, offset + 8);
    const from = offset + 8;
    const to = from + bytes.readUInt32BE(offset);
    if (to + 4 > bytes.length) break;
    const isSound = crc32(bytes.subarray(from - 4, to)) === bytes.readUInt32BE(to);
    if (!isSound && isCritical(type)) {
      refuseWalk('corrupt', `wrong CRC in ${printableType(type)} at byte ${offset}`);
    }
    all.push({ type, from, to, isSound });
    offset = to + 4;
    if (type === 'IEND') return { all, end: offset, cut: null };
  }
  const cut = `no IEND; the file ends inside the chunk at byte ${offset}`;
  return { all, end: offset, cut };
}

/** Whether a decoder must not skip a chunk of this type. */
export function isCritical(type: string): boolean {
  return /^[A-Z]/.test(type);
}

/** A chunk's type as text without control characters. */
export function printableType(type: string): string {
  return type.replace(/[^A-Za-z]/g, '?');
}
