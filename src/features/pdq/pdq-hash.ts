/**
 * PDQ, Meta's perceptual hash of 256 bits, and a shorter hash of 64 bits from the same transform.
 *
 * @see "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", Meta, 2019.
 */
import { frequencies, FREQUENCY_SIDE } from './frequencies';
import { shrink, SMALL_SIDE } from './shrink';

/** A smaller image has no hash: all bits are 0. */
const MIN_DIMENSION = 5;

/** The side of the lowest frequencies, of which the short hash is made. */
const SHORT_SIDE = 8;

/** Hashes as 32-bit words, the lowest bits first. `quality` is 0 (nothing to see) to 100. */
export interface PdqHash {
  readonly pdq: Uint32Array;
  readonly phash: Uint32Array;
  readonly quality: number;
}

/**
 * `luma` is overwritten; it has `width × height` values from 0 to 255, as {@link lumaOf} makes
 * them.
 */
export function pdqHash(luma: Float32Array, width: number, height: number): PdqHash {
  const isTooSmall = width < MIN_DIMENSION || height < MIN_DIMENSION;
  if (isTooSmall) return { pdq: new Uint32Array(8), phash: new Uint32Array(2), quality: 0 };
  const small = shrink(luma, width, height);
  const all = frequencies(small);
  return { pdq: aboveMedian(all), phash: aboveMedian(lowest(all)), quality: gradients(small) };
}

/** Rounded to 32 bits once, as the package `pdqhash` does. */
export function lumaOf(red: number, green: number, blue: number): number {
  return Math.fround(0.299 * red + 0.587 * green + 0.114 * blue);
}

/** The bits of the frequencies that are above the (lower) median. */
function aboveMedian(values: Float32Array): Uint32Array {
  const sorted = values.slice().sort();
  const median = sorted[(sorted.length >> 1) - 1] ?? 0;
  const words = new Uint32Array(values.length / 32);
  for (let bit = 0; bit < values.length; bit += 1) {
    if ((values[bit] ?? 0) > median) words[bit >> 5] = (words[bit >> 5] ?? 0) | (1 << (bit & 31));
  }
  return words;
}

function lowest(all: Float32Array): Float32Array {
  return Float32Array.from({ length: SHORT_SIDE * SHORT_SIDE }, (_, n) => {
    const [row, column] = [Math.trunc(n / SHORT_SIDE), n % SHORT_SIDE];
    return all[row * FREQUENCY_SIDE + column] ?? 0;
  });
}

/**
 * The quality: the sum of the steps between neighbours that are at least a hundredth of the range.
 */
function gradients(small: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < small.length; at += 1) {
    const value = small[at] ?? 0;
    if (at + SMALL_SIDE < small.length) sum += step(value, small[at + SMALL_SIDE] ?? 0);
    if ((at + 1) % SMALL_SIDE !== 0) sum += step(value, small[at + 1] ?? 0);
  }
  return Math.min(100, Math.trunc(sum / 90));
}

function step(one: number, other: number): number {
  return Math.abs(Math.trunc(Math.fround(Math.fround(Math.fround(one - other) * 100) / 255)));
}
