/** Walks the first DC scan of a progressive JPEG. */
import { doubt } from '../walk-result';
import { checkWithin, peek16 } from './entropy-data';
import { FIRST_SHIFT, longEntry, type HuffmanTable } from './huffman-table';
import { INVALID_STEP } from './sequential-scan';

/**
 * Walks `mcuCount` MCUs with one DC coefficient per block.
 *
 * @returns the offset of the bit after them.
 * @see ITU-T T.81, G.1.2.1.
 */
export function walkFirstDc(
  data: Uint8Array,
  bitCount: number,
  mcuCount: number,
  blocks: readonly HuffmanTable[],
): number {
  let bitOffset = 0;
  for (let mcu = 0; mcu < mcuCount; mcu += 1) {
    for (const table of blocks) {
      const next = peek16(data, bitOffset);
      let step = table.first[next >>> FIRST_SHIFT] ?? 0;
      if (step === 0) step = longEntry(table, next);
      if (step === INVALID_STEP) doubt('a code that does not exist');
      bitOffset += step & 31;
    }
    checkWithin(bitOffset, bitCount);
  }
  return bitOffset;
}
