/** Huffman tables as look-ups: the next 16 bits in, one number with all that the walk needs out. */
import { doubt } from '../walk';

/** So many bits are looked up at once; longer codes are rare, and searched for. **Units** bits. */
const LOOKAHEAD = 9;

const LONGEST = 16;

/** `first` is indexed by the next {@link LOOKAHEAD} bits >>> {@link FIRST_SHIFT}. */
export const FIRST_SHIFT = LONGEST - LOOKAHEAD;

/** What a DHT segment defines. **Shape** `counts[n - 1]` codes of n bits; their symbols in the order of codes. */
export interface HuffmanCodes {
  readonly counts: Uint8Array;
  readonly symbols: Uint8Array;
}

/** What a look-up says of a code: **Shape** a number of 16 bits that is not 0, made from the code's length and symbol. */
export type EntryOf = (length: number, symbol: number) => number;

export interface HuffmanTable {
  /** 0: the code is longer, or there is none: ask {@link longEntry}. */
  readonly first: Uint16Array;
  readonly entries: Uint16Array;
  /** By length: the first code that is longer, aligned to 16 bits; and what to add to a code for its place in `entries`. */
  readonly limits: Int32Array;
  readonly offsets: Int32Array;
  /** For codes that do not exist. */
  readonly invalid: number;
}

/** **Source** T.81 annex C (sizes, codes), with libjpeg's refusal of codes that do not fit their length. */
export function createHuffmanTable(
  { counts, symbols }: HuffmanCodes,
  entryOf: EntryOf,
  invalid: number,
): HuffmanTable {
  const first = new Uint16Array(1 << LOOKAHEAD);
  const entries = new Uint16Array(symbols.length);
  const limits = new Int32Array(LONGEST + 1);
  const offsets = new Int32Array(LONGEST + 1);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= LONGEST; length += 1) {
    offsets[length] = index - code;
    for (let left = counts[length - 1] ?? 0; left > 0; left -= 1) {
      const entry = entryOf(length, symbols[index] ?? 0);
      entries[index] = entry;
      if (length <= LOOKAHEAD) {
        const shift = LOOKAHEAD - length;
        first.fill(entry, code << shift, (code + 1) << shift);
      }
      index += 1;
      code += 1;
    }
    // No code is all ones.
    if (code >= 1 << length) doubt('a Huffman table with more codes than bits allow');
    limits[length] = code << (LONGEST - length);
    code <<= 1;
  }
  return { first, entries, limits, offsets, invalid };
}

/** The entry of a code that is not in `first`. **Units** `next` the next 16 bits. */
export function longEntry(table: HuffmanTable, next: number): number {
  for (let length = LOOKAHEAD + 1; length <= LONGEST; length += 1) {
    if (next < (table.limits[length] ?? 0)) {
      return table.entries[(next >>> (LONGEST - length)) + (table.offsets[length] ?? 0)] ?? 0;
    }
  }
  return table.invalid;
}
