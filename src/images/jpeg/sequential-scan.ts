/**
 * Walks every Huffman symbol of baseline and extended sequential scans without computing pixels.
 */
import { doubt } from '../walk-result';
import { checkWithin, peek16 } from './entropy-data';
import {
  FIRST_SHIFT,
  longEntry,
  type BlockTables,
  type EntryOf,
  type HuffmanTable,
} from './huffman-table';
import { noBlock } from './scan-doubts';

/**
 * A step is how far one symbol advances. Its low five bits count bits of the file (the code and the
 * value after it), and the bits above count coefficients. The walk of a block is therefore a sum,
 * and the sum alone reveals a wrong symbol.
 */
const STEP_BITS = 5;
const COEFFICIENTS = 64;
/** The step of the end of a block, which is larger than any other step. */
const END_OF_BLOCK = 4 * COEFFICIENTS;
/**
 * A step that leads out of the block from any coefficient, but is smaller than that of the end of a
 * block.
 */
export const INVALID_STEP = ((COEFFICIENTS + 1) << STEP_BITS) | 1;
/**
 * The most bits of a coefficient of 8-bit samples.
 *
 * @see ITU-T T.81, tables F.1 and F.2.
 */
const MAX_COEFFICIENT_BITS = 11;

/** @see ITU-T T.81, F.1.2.1: the symbol is the number of bits of the difference. */
export const dcStep: EntryOf = (length, size) => {
  // libjpeg refuses such a table, even if the symbol is not used.
  if (size > 15) doubt('a DC table with a symbol that is not one');
  return size > MAX_COEFFICIENT_BITS ? INVALID_STEP : (1 << STEP_BITS) | (length + size);
};

/**
 * @see ITU-T T.81, F.1.2.2: a run of zeros and a number of bits; 0/0 ends the block, 15/0 is
 * sixteen zeros.
 */
export const acStep: EntryOf = (length, symbol) => {
  const size = symbol & 15;
  const run = symbol >> 4;
  if (symbol === 0) return (END_OF_BLOCK << STEP_BITS) | length;
  if (size > MAX_COEFFICIENT_BITS || (size === 0 && run !== 15)) return INVALID_STEP;
  return ((run + 1) << STEP_BITS) | (length + size);
};

/**
 * Walks `mcuCount` MCUs of an interval of `bitCount` bits.
 *
 * @returns the offset of the bit after them.
 */
export function walkSequentialMcus(
  data: Uint8Array,
  bitCount: number,
  mcuCount: number,
  blocks: readonly BlockTables[],
): number {
  let bitOffset = 0;
  for (let mcu = 0; mcu < mcuCount; mcu += 1) {
    for (const { dc, ac } of blocks) {
      bitOffset = walkBlock(data, bitOffset, dc, ac);
      checkWithin(bitOffset, bitCount);
    }
  }
  return bitOffset;
}

/** Walks one block. This is the hot loop of the whole check. */
function walkBlock(
  data: Uint8Array,
  blockStart: number,
  dc: HuffmanTable,
  ac: HuffmanTable,
): number {
  let next = peek16(data, blockStart);
  let step = dc.first[next >>> FIRST_SHIFT] ?? 0;
  if (step === 0) step = longEntry(dc, next);
  let bitOffset = blockStart + (step & 31);
  let coefficient = step >>> STEP_BITS;
  const { first } = ac;
  while (coefficient < COEFFICIENTS) {
    next = peek16(data, bitOffset);
    step = first[next >>> FIRST_SHIFT] ?? 0;
    if (step === 0) step = longEntry(ac, next);
    bitOffset += step & 31;
    coefficient += step >>> STEP_BITS;
  }
  if (coefficient !== COEFFICIENTS && coefficient < END_OF_BLOCK) noBlock();
  return bitOffset;
}
