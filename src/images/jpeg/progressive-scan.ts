/** Progressive scans: which coefficients are not zero is all that the walk has to remember. */
import { doubt } from '../walk';
import { checkWithin, peek16 } from './entropy-data';
import { FIRST_SHIFT, longEntry, type EntryOf, type HuffmanTable } from './huffman-table';

/** **Shape** for each block of a component two words: bit n of the first is coefficient n, of the second 32 + n. */
export type NonZero = Uint32Array;

/** One interval of an AC scan: blocks `block`…`block + count - 1`, coefficients `from`…`to`. **Units** `bitCount` bits. */
export interface AcInterval {
  readonly data: Uint8Array;
  readonly bitCount: number;
  readonly block: number;
  readonly count: number;
  readonly from: number;
  readonly to: number;
  readonly table: HuffmanTable;
  readonly nonZero: NonZero;
}

/** An entry is the code's length in the low five bits, the symbol above them. */
const LENGTH_BITS = 5;
export const INVALID_SYMBOL = 0x8000;
const MOST_BITS = 11;

export const symbolEntry: EntryOf = (length, symbol) =>
  (symbol & 15) > MOST_BITS ? INVALID_SYMBOL : (symbol << LENGTH_BITS) | length;

function entryAt(table: HuffmanTable, next: number): number {
  const entry = table.first[next >>> FIRST_SHIFT] ?? 0;
  return entry === 0 ? longEntry(table, next) : entry;
}

/** The first scan of a band; the bit behind it. **Source** T.81 G.1.2.2. */
export function walkFirstAc(interval: AcInterval): number {
  const { data, bitCount, table, nonZero, from, to } = interval;
  const end = interval.block + interval.count;
  let at = 0;
  let block = interval.block;
  while (block < end) {
    let blocksDone = 1;
    let k = from;
    while (k <= to) {
      const entry = entryAt(table, peek16(data, at));
      if (entry >= INVALID_SYMBOL) doubt('a code that does not exist');
      const symbol = entry >>> LENGTH_BITS;
      const size = symbol & 15;
      const run = symbol >>> 4;
      at += (entry & 31) + size;
      if (size === 0 && run < 15) {
        blocksDone = (1 << run) + runBits(data, at, run);
        at += run;
        break;
      }
      k += run;
      if (k > to) doubt('a run of zeros leads out of its band');
      if (size !== 0)
        nonZero[2 * block + (k >>> 5)] = (nonZero[2 * block + (k >>> 5)] ?? 0) | (1 << (k & 31));
      k += 1;
    }
    checkWithin(at, bitCount);
    block += blocksDone;
  }
  if (block > end) doubt('a run of empty blocks leads out of its interval');
  return at;
}

/** A scan that adds a bit to a band; the bit behind it. **Source** T.81 G.1.2.3. */
export function walkRefiningAc(interval: AcInterval): number {
  const { data, bitCount, table, nonZero, from, to } = interval;
  const end = interval.block + interval.count;
  let at = 0;
  let emptyBlocks = 0;
  for (let block = interval.block; block < end; block += 1) {
    const low = nonZero[2 * block] ?? 0;
    const high = nonZero[2 * block + 1] ?? 0;
    let newLow = low;
    let newHigh = high;
    let k = from;
    while (emptyBlocks === 0 && k <= to) {
      const entry = entryAt(table, peek16(data, at));
      const symbol = entry >>> LENGTH_BITS;
      const size = symbol & 15;
      let run = symbol >>> 4;
      if (size > 1 || entry >= INVALID_SYMBOL) doubt('a code that does not exist');
      at += (entry & 31) + size;
      if (size === 0 && run < 15) {
        emptyBlocks = (1 << run) + runBits(data, at, run);
        at += run;
        break;
      }
      // A bit for each coefficient that is not zero any more stands between this one's sign and the next symbol.
      let others = wordFrom(low, high, k);
      while ((others & ((2 << run) - 1)) !== 0) {
        const zeros = trailingZeros(others);
        run -= zeros;
        k += zeros + 1;
        at += 1;
        others = wordFrom(low, high, k);
      }
      k += run;
      if (k > to) doubt('a run of zeros leads out of its band');
      if (size === 1 && k < 32) newLow |= 1 << k;
      else if (size === 1) newHigh |= 1 << (k - 32);
      k += 1;
    }
    if (emptyBlocks > 0) {
      at += countBetween(low, high, k, to);
      emptyBlocks -= 1;
    }
    nonZero[2 * block] = newLow;
    nonZero[2 * block + 1] = newHigh;
    checkWithin(at, bitCount);
  }
  if (emptyBlocks > 0) doubt('a run of empty blocks leads out of its interval');
  return at;
}

function runBits(data: Uint8Array, at: number, count: number): number {
  return peek16(data, at) >>> (16 - count);
}

/** Which of the coefficients `from`, `from + 1`… are not zero; behind the last there is none. */
function wordFrom(low: number, high: number, from: number): number {
  if (from > 31) return from > 63 ? 0 : high >>> (from - 32);
  return (low >>> from) | (high << (32 - from));
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** How many of the coefficients `from`…`to` are not zero. */
function countBetween(low: number, high: number, from: number, to: number): number {
  if ((low | high) === 0) return 0;
  return bitCount(low & wordMask(from, to)) + bitCount(high & wordMask(from - 32, to - 32));
}

/** A word with the bits `from`…`to` set, those of them that it has. */
function wordMask(from: number, to: number): number {
  if (to < 0 || from > 31 || from > to) return 0;
  return (-1 << Math.max(from, 0)) & (-1 >>> (31 - Math.min(to, 31)));
}

/** **Source** the count of set bits by halves (Hacker's Delight, 5-1). */
function bitCount(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
