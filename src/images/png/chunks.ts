/** The chunks of a PNG: their lengths, their checksums, and its end. */
import { crc32 } from 'node:zlib';
import { refuseWalk } from '../walk';

/** **Shape** `from`, `to`: its data. */
export interface Chunk {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly isSound: boolean;
}

/** **Shape** `end`: the offset behind IEND. */
export interface Chunks {
  readonly all: readonly Chunk[];
  readonly end: number;
}

const SIGNATURE_LENGTH = 8;
const CHUNK_OVERHEAD = 12;

/**
 * All chunks up to IEND. Decoders accept a PNG without its end; a damaged checksum of a critical chunk is refused here too.
 *
 * **Source** PNG (ISO/IEC 15948) 5.3: length, type, data, CRC of type and data; a critical chunk's type begins with a capital.
 */
export function readChunks(bytes: Buffer): Chunks {
  const all: Chunk[] = [];
  let at = SIGNATURE_LENGTH;
  while (at + CHUNK_OVERHEAD <= bytes.length) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    const from = at + 8;
    const to = from + bytes.readUInt32BE(at);
    if (to + 4 > bytes.length) break;
    const isSound = crc32(bytes.subarray(from - 4, to)) === bytes.readUInt32BE(to);
    if (!isSound && isCritical(type)) {
      refuseWalk('corrupt', `wrong CRC in ${printable(type)} at byte ${at}`);
    }
    all.push({ type, from, to, isSound });
    at = to + 4;
    if (type === 'IEND') return { all, end: at };
  }
  return refuseWalk('truncated', `no IEND; the file ends inside the chunk at byte ${at}`);
}

/** A decoder may not skip it. */
export function isCritical(type: string): boolean {
  return /^[A-Z]/.test(type);
}

/** A chunk's type as text that no terminal obeys. */
export function printable(type: string): string {
  return type.replace(/[^A-Za-z]/g, '?');
}
