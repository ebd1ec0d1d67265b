/** The entropy-coded data of scans without its stuffing, an interval at a time. */
import { doubt, refuseWalk } from '../walk';
import { MARKER } from './markers';

/** Blocks are read before it is looked whether they were there: no block takes more bytes. **Units** bytes. */
const SPARE = 1_024;

/** **Units** `bitCount` bits of `data` that belong to the interval; `end` the offset of the marker behind it. */
export interface EntropyData {
  readonly data: Uint8Array;
  bitCount: number;
  end: number;
  /** Takes the interval that begins at this offset of the file. */
  take(from: number): void;
}

/** **Source** T.81 F.1.2.3: a byte FF is followed by a stuffed 0, anything else is a marker. */
export function createEntropyData(bytes: Uint8Array): EntropyData {
  const data = new Uint8Array(bytes.length + SPARE);
  const entropy: EntropyData = {
    data,
    bitCount: 0,
    end: 0,
    take: (from) => {
      let at = from;
      let length = 0;
      while (at < bytes.length) {
        const byte = bytes[at] ?? 0;
        if (byte === MARKER) {
          if (bytes[at + 1] !== 0) break;
          at += 1;
        }
        data[length] = byte;
        length += 1;
        at += 1;
      }
      if (at + 1 >= bytes.length) refuseWalk('truncated', 'the JPEG ends inside a scan');
      entropy.bitCount = 8 * length;
      entropy.end = at;
    },
  };
  return entropy;
}

/** The next 16 bits at the bit `at`; beyond the interval's end whatever is there. */
export function peek16(data: Uint8Array, at: number): number {
  const byte = at >>> 3;
  const three = ((data[byte] ?? 0) << 16) | ((data[byte + 1] ?? 0) << 8) | (data[byte + 2] ?? 0);
  return (three >>> (8 - (at & 7))) & 0xffff;
}

/** **Units** bits. */
export function checkWithin(at: number, bitCount: number): void {
  if (at > bitCount) doubt('a scan has less data than its blocks need');
}
