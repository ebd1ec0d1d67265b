/** Provides the entropy-coded data of scans without stuffed bytes, one interval at a time. */
import { MARKER } from './markers';
import { tooLittleData } from './scan-doubts';
import { createScanMemory, type ScanMemory } from './scan-memory';

/** A block is read before its end is checked. No block needs more than this many bytes. */
const MAX_BLOCK_BYTES = 1_024;

export interface EntropyData {
  readonly data: Uint8Array;
  /** The memory that `data` is a part of; null where there is no WebAssembly. */
  readonly memory: ScanMemory | null;
  /** How many bits of `data` belong to the interval. */
  bitCount: number;
  /** The offset of the marker after the interval; the end of the file if there is none. */
  end: number;
  /** True when the file ends with the interval. */
  isAtFileEnd: boolean;
  /** Reads the interval that begins at this offset of the file. */
  take(from: number): void;
}

/**
 * @see ITU-T T.81, F.1.2.3: in the data, a byte FF is followed by a stuffed 0; any other byte makes
 * it a marker.
 */
export function createEntropyData(bytes: Uint8Array): EntropyData {
  const memory = createScanMemory(bytes, MAX_BLOCK_BYTES);
  const data = memory?.data ?? new Uint8Array(bytes.length + MAX_BLOCK_BYTES);
  const entropy: EntropyData = {
    data,
    memory,
    bitCount: 0,
    end: 0,
    isAtFileEnd: false,
    take: (from) => {
      const { length, end } = memory?.readInterval(from) ?? readInterval(bytes, from, data);
      entropy.isAtFileEnd = end + 1 >= bytes.length;
      entropy.bitCount = 8 * length;
      entropy.end = end;
    },
  };
  return entropy;
}

/** Copies the bytes of an interval to `data`, without stuffed bytes; zeros follow them. */
export function readInterval(
  bytes: Uint8Array,
  from: number,
  data: Uint8Array,
): { readonly length: number; readonly end: number } {
  let offset = from;
  let length = 0;
  while (offset < bytes.length) {
    const byte = bytes[offset] ?? 0;
    if (byte === MARKER) {
      if (bytes[offset + 1] !== 0) break;
      offset += 1;
    }
    data[length] = byte;
    length += 1;
    offset += 1;
  }
  data.fill(0, length, length + MAX_BLOCK_BYTES);
  return { length, end: offset };
}

/** The 16 bits from bit `bitOffset` on. Bits after the end of the interval have any value. */
export function peek16(data: Uint8Array, bitOffset: number): number {
  const byte = bitOffset >>> 3;
  const three = ((data[byte] ?? 0) << 16) | ((data[byte + 1] ?? 0) << 8) | (data[byte + 2] ?? 0);
  return (three >>> (8 - (bitOffset & 7))) & 0xffff;
}

/** Ends the walk as doubtful if bit `bitOffset` is after the end of the interval. */
export function checkWithin(bitOffset: number, bitCount: number): void {
  if (bitOffset > bitCount) tooLittleData();
}
