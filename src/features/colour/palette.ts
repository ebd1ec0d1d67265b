/**
 * The few colours that an image is made of: k-means of the cells of its grid, without any chance in
 * it.
 */
import type { PaletteColour } from '../../contract/features/feature';
import { rounded } from '../rounded';

const MOST_COLOURS = 6;
const ROUNDS = 6;

/** Colours nearer than this look the same. */
const MIN_DISTANCE = 0.05;

/** At most six, the largest share first. `lab` has three numbers for each cell. */
export function paletteOf(lab: Float64Array): readonly PaletteColour[] {
  const centres = distinctColours(lab);
  let counts = new Uint32Array(centres.length / 3);
  for (let round = 0; round < ROUNDS; round += 1) counts = moveCentres(lab, centres);
  const cells = lab.length / 3;
  return [...counts]
    .map((count, k) => ({
      l: rounded(centres[3 * k] ?? 0, 3),
      a: rounded(centres[3 * k + 1] ?? 0, 3),
      b: rounded(centres[3 * k + 2] ?? 0, 3),
      share: rounded(count / cells, 4),
    }))
    .filter(({ share }) => share > 0)
    .sort((one, other) => other.share - one.share || other.l - one.l);
}

/** The first cell's colour, then again and again the one that is farthest from all before. */
function distinctColours(lab: Float64Array): Float64Array {
  const centres = [...lab.subarray(0, 3)];
  const nearest = new Float64Array(lab.length / 3).fill(Infinity);
  while (centres.length < 3 * MOST_COLOURS) {
    let farthest = 0;
    for (let cell = 0; cell < nearest.length; cell += 1) {
      const distance = squaredDistance(lab, 3 * cell, centres, centres.length - 3);
      if (distance < (nearest[cell] ?? 0)) nearest[cell] = distance;
      if ((nearest[cell] ?? 0) > (nearest[farthest] ?? 0)) farthest = cell;
    }
    if ((nearest[farthest] ?? 0) < MIN_DISTANCE ** 2) break;
    centres.push(...lab.subarray(3 * farthest, 3 * farthest + 3));
  }
  return Float64Array.from(centres);
}

/** One round of k-means. @returns how many cells each centre has. */
function moveCentres(lab: Float64Array, centres: Float64Array): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(centres.length / 3);
  const sums = new Float64Array(centres.length);
  for (let at = 0; at < lab.length; at += 3) {
    const best = nearestCentre(lab, at, centres);
    counts[best] = (counts[best] ?? 0) + 1;
    for (let channel = 0; channel < 3; channel += 1) {
      sums[3 * best + channel] = (sums[3 * best + channel] ?? 0) + (lab[at + channel] ?? 0);
    }
  }
  for (let at = 0; at < centres.length; at += 1) {
    const count = counts[Math.trunc(at / 3)] ?? 0;
    if (count > 0) centres[at] = (sums[at] ?? 0) / count;
  }
  return counts;
}

function nearestCentre(lab: Float64Array, at: number, centres: Float64Array): number {
  let best = 0;
  let least = Infinity;
  for (let k = 0; 3 * k < centres.length; k += 1) {
    const distance = squaredDistance(lab, at, centres, 3 * k);
    if (distance < least) {
      least = distance;
      best = k;
    }
  }
  return best;
}

function squaredDistance(
  one: ArrayLike<number>,
  at: number,
  other: ArrayLike<number>,
  otherAt: number,
): number {
  const l = (one[at] ?? 0) - (other[otherAt] ?? 0);
  const a = (one[at + 1] ?? 0) - (other[otherAt + 1] ?? 0);
  const b = (one[at + 2] ?? 0) - (other[otherAt + 2] ?? 0);
  return l * l + a * a + b * b;
}
