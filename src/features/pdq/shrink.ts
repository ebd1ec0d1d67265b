/**
 * The image of 64 × 64 values that PDQ transforms: blurred by two passes of a box filter, then
 * sampled.
 */
import { filterColumns, filterRows } from './box-filter';

export const SMALL_SIDE = 64;

/** `luma` is overwritten. An image of 64 × 64 is taken as it is. */
export function shrink(luma: Float32Array, width: number, height: number): Float32Array {
  if (width === SMALL_SIDE && height === SMALL_SIDE) return luma.slice();
  const scratch = new Float32Array(luma.length);
  filterRows(luma, scratch, width, height);
  filterColumns(scratch, luma, width, height);
  filterRows(luma, scratch, width, height);
  // Columns are filtered one by one, so of the others nothing more is needed.
  const narrow = new Float32Array(SMALL_SIDE * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < SMALL_SIDE; x += 1) {
      narrow[y * SMALL_SIDE + x] = scratch[y * width + sampleAt(x, width)] ?? 0;
    }
  }
  const blurred = new Float32Array(narrow.length);
  filterColumns(narrow, blurred, SMALL_SIDE, height);
  const small = new Float32Array(SMALL_SIDE * SMALL_SIDE);
  for (let y = 0; y < SMALL_SIDE; y += 1) {
    const row = sampleAt(y, height) * SMALL_SIDE;
    small.set(blurred.subarray(row, row + SMALL_SIDE), y * SMALL_SIDE);
  }
  return small;
}

/** The middle of block `n` of 64. */
function sampleAt(n: number, length: number): number {
  return Math.trunc(((n + 0.5) * length) / SMALL_SIDE);
}
