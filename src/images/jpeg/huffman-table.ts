/**
 * Huffman tables as look-up tables: they map the next 16 bits to one number that contains
 * everything the walk needs.
 */
import { doubt } from '../walk-result';

/** How many bits are looked up at once. Longer codes are rare and found by a search. */
const LOOKAHEAD_BITS = 9;

const MAX_CODE_BITS = 16;

/** `first` is indexed by the next {@link LOOKAHEAD_BITS} bits >>> {@link FIRST_SHIFT}. */
export const FIRST_SHIFT = MAX_CODE_BITS - LOOKAHEAD_BITS;

/**
 * The definition in a DHT segment: `counts[n - 1]` codes of n bits, and their symbols in the order
 * of the codes.
 */
export interface HuffmanCodes {
  readonly counts: Uint8Array;
  readonly symbols: Uint8Array;
}

/** Computes the entry of a code from its length and symbol: a number of 16 bits that is not 0. */
export type EntryOf = (length: number, symbol: number) => number;

export interface HuffmanTable {
  /** An entry of 0 means that the code is longer or does not exist; {@link longEntry} finds it. */
  readonly first: Uint16Array;
  readonly entries: Uint16Array;
  /**
   * For each length, the first longer code, aligned to 16 bits; `offsets` holds what to add to a
   * code to obtain its index in `entries`.
   */
  readonly limits: Int32Array;
  readonly offsets: Int32Array;
  /** The entry of codes that do not exist. */
  readonly invalid: number;
}

/** The tables of one block of an MCU. */
export interface BlockTables {
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
}

/**
 * Creates a look-up table. Like libjpeg, it refuses codes that do not fit into their length.
 *
 * @see ITU-T T.81, annex C (sizes and codes).
 */
export function createHuffmanTable(
  { counts, symbols }: HuffmanCodes,
  entryOf: EntryOf,
  invalid: number,
): HuffmanTable {
  const first = new Uint16Array(1 << LOOKAHEAD_BITS);
  const entries = new Uint16Array(symbols.length);
  const limits = new Int32Array(MAX_CODE_BITS + 1);
  const offsets = new Int32Array(MAX_CODE_BITS + 1);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= MAX_CODE_BITS; length += 1) {
    offsets[length] = index - code;
    for (let left = counts[length - 1] ?? 0; left > 0; left -= 1) {
      const entry = entryOf(length, symbols[index] ?? 0);
      entries[index] = entry;
      if (length <= LOOKAHEAD_BITS) {
        const shift = LOOKAHEAD_BITS - length;
        first.fill(entry, code << shift, (code + 1) << shift);
      }
      index += 1;
      code += 1;
    }
    // No code consists of ones only.
    if (code >= 1 << length) doubt('a Huffman table with more codes than bits allow');
    limits[length] = code << (MAX_CODE_BITS - length);
    code <<= 1;
  }
  return { first, entries, limits, offsets, invalid };
}

/** The entry of a code that is not in `first`. `next` holds the next 16 bits. */
export function longEntry(table: HuffmanTable, next: number): number {
  for (let length = LOOKAHEAD_BITS + 1; length <= MAX_CODE_BITS; length += 1) {
    if (next < (table.limits[length] ?? 0)) {
      return table.entries[(next >>> (MAX_CODE_BITS - length)) + (table.offsets[length] ?? 0)] ?? 0;
    }
  }
  return table.invalid;
}
