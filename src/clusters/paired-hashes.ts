/**
 * Which hashes have any other near to them. Nearly all comparisons of the search for near
 * duplicates are made here, so buckets are compared with buckets, whose members lie side by side in
 * memory.
 */
import { createBand, type Band, type BandShape } from './band';
import { bitCount, pdqDistance, type HashSet } from './hash-set';
import type { Nearness } from '../contract/derived/nearness';

/** Their places, in order. */
export function findPaired(
  set: HashSet,
  nearness: Nearness,
  shapes: readonly BandShape[],
): Uint32Array {
  const isPaired = new Uint8Array(set.count);
  for (const shape of shapes) {
    const band = createBand(set, shape);
    const { starts, masks } = band;
    const search: Search = { set, band, nearness, isPaired };
    for (let bucket = 0; bucket < starts.length - 1; bucket += 1) {
      if (starts[bucket] === starts[bucket + 1]) continue;
      for (const mask of masks) {
        const other = bucket ^ mask;
        // Each two buckets once.
        if (other >= bucket) markPairs(search, bucket, other);
      }
    }
  }
  return Uint32Array.from(placesOf(isPaired));
}

function* placesOf(isPaired: Uint8Array): Generator<number> {
  for (let place = 0; place < isPaired.length; place += 1) if (isPaired[place] === 1) yield place;
}

interface Search {
  readonly set: HashSet;
  readonly band: Band;
  readonly nearness: Nearness;
  readonly isPaired: Uint8Array;
}

/** Compares the members of two buckets, or of one bucket with one another. */
function markPairs({ set, band, nearness, isPaired }: Search, one: number, other: number): void {
  const { starts, places, low, high } = band;
  const { phash, pdq } = nearness;
  const oneEnd = starts[one + 1] ?? 0;
  const otherStart = starts[other] ?? 0;
  const otherEnd = starts[other + 1] ?? 0;
  for (let x = starts[one] ?? 0; x < oneEnd; x += 1) {
    const lowX = low[x] ?? 0;
    const highX = high[x] ?? 0;
    for (let y = one === other ? x + 1 : otherStart; y < otherEnd; y += 1) {
      const lowBits = bitCount(lowX ^ (low[y] ?? 0));
      if (lowBits > phash || lowBits + bitCount(highX ^ (high[y] ?? 0)) > phash) continue;
      const placeX = places[x] ?? 0;
      const placeY = places[y] ?? 0;
      const areMarked = isPaired[placeX] === 1 && isPaired[placeY] === 1;
      if (areMarked || pdqDistance(set, placeX, placeY) > pdq) continue;
      isPaired[placeX] = 1;
      isPaired[placeY] = 1;
    }
  }
}
