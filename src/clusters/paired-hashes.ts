/**
 * Which hashes have any other near to them. Nearly all comparisons of the search for near
 * duplicates are made here, so buckets are compared with buckets, whose members lie side by side in
 * memory.
 */
import { BAND_BITS, BANDS, BUCKETS, createBand, type Band } from './band';
import { bitCount, pdqDistance, type HashSet } from './hash-set';
import type { Nearness } from '../contract/derived/nearness';

/** Their places, in order. */
export function findPaired(set: HashSet, nearness: Nearness): Uint32Array {
  const isPaired = new Uint8Array(set.count);
  for (let n = 0; n < BANDS; n += 1) {
    const band = createBand(set, n);
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      if (band.starts[bucket] === band.starts[bucket + 1]) continue;
      markPairs(set, band, { one: bucket, other: bucket, nearness, isPaired });
      for (let bit = 0; bit < BAND_BITS; bit += 1) {
        const other = bucket ^ (1 << bit);
        // Each two buckets once.
        if (other > bucket) markPairs(set, band, { one: bucket, other, nearness, isPaired });
      }
    }
  }
  return Uint32Array.from(placesOf(isPaired));
}

function* placesOf(isPaired: Uint8Array): Generator<number> {
  for (let place = 0; place < isPaired.length; place += 1) if (isPaired[place] === 1) yield place;
}

interface TwoBuckets {
  readonly one: number;
  readonly other: number;
  readonly nearness: Nearness;
  readonly isPaired: Uint8Array;
}

function markPairs(set: HashSet, band: Band, { one, other, nearness, isPaired }: TwoBuckets): void {
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
