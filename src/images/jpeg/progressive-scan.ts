/**
 * Walks the AC scans of a progressive JPEG. The walk only has to remember which coefficients are
 * not zero.
 */
import { doubt } from '../walk-result';
import { checkWithin, peek16 } from './entropy-data';
import { FIRST_SHIFT, longEntry, type EntryOf, type HuffmanTable } from './huffman-table';

/**
 * Two words for each block of a component: bit n of the first is coefficient n, bit n of the second
 * is coefficient 32 + n.
 */
export type NonZero = Uint32Array;

/**
 * One interval of an AC scan, with the blocks `block`…`block + count - 1` and the coefficients
 * `from`…`to`.
 */
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

/** An entry holds the length of the code in its low five bits and the symbol above them. */
const LENGTH_BITS = 5;
export const INVALID_SYMBOL = 0x8000;
const MAX_COEFFICIENT_BITS = 11;

export const symbolEntry: EntryOf = (length, symbol) =>
  (symbol & 15) > MAX_COEFFICIENT_BITS ? INVALID_SYMBOL : (symbol << LENGTH_BITS) | length;

function entryAt(table: HuffmanTable, next: number): number {
  const entry = table.first[next >>> FIRST_SHIFT] ?? 0;
  return entry === 0 ? longEntry(table, next) : entry;
}

/**
 * Walks an interval of the first scan of a band.
 *
 * @returns the offset of the bit after it.
 * @see ITU-T T.81, G.1.2.2.
 */
export function walkFirstAc(interval: AcInterval): number {
  const { data, bitCount, table, nonZero, from, to } = interval;
  const end = interval.block + interval.count;
  let bitOffset = 0;
  let block = interval.block;
  while (block < end) {
    let blocksDone = 1;
    let k = from;
    while (k <= to) {
      const entry = entryAt(table, peek16(data, bitOffset));
      if (entry >= INVALID_SYMBOL) doubt('a code that does not exist');
      const symbol = entry >>> LENGTH_BITS;
      const size = symbol & 15;
      const run = symbol >>> 4;
      bitOffset += (entry & 31) + size;
      if (size === 0 && run < 15) {
        blocksDone = (1 << run) + runBits(data, bitOffset, run);
        bitOffset += run;
        break;
      }
      k += run;
      if (k > to) doubt('a run of zeros leads out of its band');
      if (size !== 0)
        nonZero[2 * block + (k >>> 5)] = (nonZero[2 * block + (k >>> 5)] ?? 0) | (1 << (k & 31));
      k += 1;
    }
    checkWithin(bitOffset, bitCount);
    block += blocksDone;
  }
  if (block > end) doubt('a run of empty blocks leads out of its interval');
  return bitOffset;
}

/**
 * Walks an interval of a scan that adds one bit to a band.
 *
 * @returns the offset of the bit after it.
 * @see ITU-T T.81, G.1.2.3.
 */
export function walkRefiningAc(interval: AcInterval): number {
  const { data, bitCount, table, nonZero, from, to } = interval;
  const end = interval.block + interval.count;
  let bitOffset = 0;
  let emptyBlocks = 0;
  for (let block = interval.block; block < end; block += 1) {
    const low = nonZero[2 * block] ?? 0;
    const high = nonZero[2 * block + 1] ?? 0;
    let newLow = low;
    let newHigh = high;
    let k = from;
    while (emptyBlocks === 0 && k <= to) {
      const entry = entryAt(table, peek16(data, bitOffset));
      const symbol = entry >>> LENGTH_BITS;
      const size = symbol & 15;
      let run = symbol >>> 4;
      if (size > 1 || entry >= INVALID_SYMBOL) doubt('a code that does not exist');
      bitOffset += (entry & 31) + size;
      if (size === 0 && run < 15) {
        emptyBlocks = (1 << run) + runBits(data, bitOffset, run);
        bitOffset += run;
        break;
      }
      // Between the sign of this coefficient and the next symbol, there is one bit for each
      // coefficient that is already not zero.
      let nonZeroWord = wordFrom(low, high, k);
      while ((nonZeroWord & ((2 << run) - 1)) !== 0) {
        const zeros = trailingZeros(nonZeroWord);
        run -= zeros;
        k += zeros + 1;
        bitOffset += 1;
        nonZeroWord = wordFrom(low, high, k);
      }
      k += run;
      if (k > to) doubt('a run of zeros leads out of its band');
      if (size === 1 && k < 32) newLow |= 1 << k;
      else if (size === 1) newHigh |= 1 << (k - 32);
      k += 1;
    }
    if (emptyBlocks > 0) {
      bitOffset += countBetween(low, high, k, to);
      emptyBlocks -= 1;
    }
    nonZero[2 * block] = newLow;
    nonZero[2 * block + 1] = newHigh;
    checkWithin(bitOffset, bitCount);
  }
  if (emptyBlocks > 0) doubt('a run of empty blocks leads out of its interval');
  return bitOffset;
}

function runBits(data: Uint8Array, bitOffset: number, count: number): number {
  return peek16(data, bitOffset) >>> (16 - count);
}

/** A word whose bit n is set if coefficient `from + n` is not zero. */
function wordFrom(low: number, high: number, from: number): number {
  if (from > 31) return from > 63 ? 0 : high >>> (from - 32);
  return (low >>> from) | (high << (32 - from));
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Counts the coefficients `from`…`to` that are not zero. */
function countBetween(low: number, high: number, from: number, to: number): number {
  if ((low | high) === 0) return 0;
  return countSetBits(low & wordMask(from, to)) + countSetBits(high & wordMask(from - 32, to - 32));
}

/** A word whose bits `from`…`to` are set, as far as they are within the word. */
function wordMask(from: number, to: number): number {
  if (to < 0 || from > 31 || from > to) return 0;
  return (-1 << Math.max(from, 0)) & (-1 >>> (31 - Math.min(to, 31)));
}

/** Counts the set bits of a word (Hacker's Delight, section 5-1). */
function countSetBits(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
