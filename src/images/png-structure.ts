/** Walks a PNG chunk by chunk: sharp accepts one without its end and ignores checksums. */
import { crc32 } from 'node:zlib';

/** **Shape** `whole`; `truncated`: no IEND; `corrupt`: a wrong CRC in a critical chunk. */
export interface PngStructure {
  readonly state: 'whole' | 'truncated' | 'corrupt';
  readonly detail: string;
}

const SIGNATURE_LENGTH = 8;
const CHUNK_OVERHEAD = 12;

/** **Source** PNG (ISO/IEC 15948) 5.3: length, type, data, CRC of type and data; a critical chunk's type begins with a capital. */
export function pngStructure(bytes: Buffer): PngStructure {
  let at = SIGNATURE_LENGTH;
  while (at + CHUNK_OVERHEAD <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + CHUNK_OVERHEAD + length;
    if (end > bytes.length) break;
    if (
      isCritical(type) &&
      crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)
    ) {
      return { state: 'corrupt', detail: `wrong CRC in ${printable(type)} at byte ${at}` };
    }
    if (type === 'IEND')
      return { state: 'whole', detail: end < bytes.length ? 'trailing_bytes' : '' };
    at = end;
  }
  return { state: 'truncated', detail: `no IEND; the file ends inside the chunk at byte ${at}` };
}

function isCritical(type: string): boolean {
  return /^[A-Z]/.test(type);
}

function printable(type: string): string {
  return type.replace(/[^A-Za-z]/g, '?');
}
