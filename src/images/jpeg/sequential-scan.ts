/** Baseline and extended sequential scans: every Huffman symbol, without a pixel. */
import { doubt } from '../walk';
import { checkWithin, peek16 } from './entropy-data';
import { FIRST_SHIFT, longEntry, type EntryOf, type HuffmanTable } from './huffman-table';

/** The tables of one block of an MCU. */
export interface BlockTables {
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
}

/**
 * A step is what one symbol moves: bits of the file in its low five bits (the code and the value behind it), coefficients
 * above them. So the walk of a block is a sum, and a wrong symbol is seen by the sum alone.
 */
const STEP_BITS = 5;
const COEFFICIENTS = 64;
/** End of block: further than any other step leads. */
const TO_THE_END = 4 * COEFFICIENTS;
/** Leads beyond the block from any coefficient, and never so far as the end of block. */
export const INVALID_STEP = ((COEFFICIENTS + 1) << STEP_BITS) | 1;
/** Samples of 8 bits have no larger coefficients. **Source** T.81 tables F.1 and F.2. **Units** bits. */
const MOST_BITS = 11;

/** **Source** T.81 F.1.2.1: the symbol is the number of bits of the difference. */
export const dcStep: EntryOf = (length, size) => {
  // libjpeg refuses such a table, also when nothing uses the symbol.
  if (size > 15) doubt('a DC table with a symbol that is not one');
  return size > MOST_BITS ? INVALID_STEP : (1 << STEP_BITS) | (length + size);
};

/** **Source** T.81 F.1.2.2: run of zeros and number of bits; 0/0 ends the block, 15/0 is sixteen zeros. */
export const acStep: EntryOf = (length, symbol) => {
  const size = symbol & 15;
  const run = symbol >> 4;
  if (symbol === 0) return (TO_THE_END << STEP_BITS) | length;
  if (size > MOST_BITS || (size === 0 && run !== 15)) return INVALID_STEP;
  return ((run + 1) << STEP_BITS) | (length + size);
};

/**
 * Walks `mcuCount` MCUs; the bit behind them.
 *
 * **Units** `bitCount` bits of `data` that there are.
 */
export function walkSequentialMcus(
  data: Uint8Array,
  bitCount: number,
  mcuCount: number,
  blocks: readonly BlockTables[],
): number {
  let at = 0;
  for (let mcu = 0; mcu < mcuCount; mcu += 1) {
    for (const { dc, ac } of blocks) {
      at = walkBlock(data, at, dc, ac);
      checkWithin(at, bitCount);
    }
  }
  return at;
}

/** The hot loop of the whole check. */
function walkBlock(data: Uint8Array, start: number, dc: HuffmanTable, ac: HuffmanTable): number {
  let next = peek16(data, start);
  let step = dc.first[next >>> FIRST_SHIFT] ?? 0;
  if (step === 0) step = longEntry(dc, next);
  let at = start + (step & 31);
  let coefficient = step >>> STEP_BITS;
  const { first } = ac;
  while (coefficient < COEFFICIENTS) {
    next = peek16(data, at);
    step = first[next >>> FIRST_SHIFT] ?? 0;
    if (step === 0) step = longEntry(ac, next);
    at += step & 31;
    coefficient += step >>> STEP_BITS;
  }
  if (coefficient !== COEFFICIENTS && coefficient < TO_THE_END) doubt('a block that is no block');
  return at;
}
