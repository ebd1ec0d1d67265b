/**
 * Hashes of 64 bits sorted into 65,536 buckets by one of their four bands of 16 bits.
 *
 * Two hashes that differ in at most seven bits differ in at most one bit of some band, because two
 * differences in each of the four bands would be eight. Every pair is therefore found by comparing,
 * in each band, the hashes of a bucket with those of the bucket and of the sixteen buckets whose
 * number differs in one bit.
 *
 * @see Norouzi, Punjani and Fleet, "Fast search in Hamming space with multi-index hashing", 2012.
 */
import type { HashSet } from './hash-set';

export const BANDS = 4;
export const BAND_BITS = 16;
export const BUCKETS = 1 << BAND_BITS;

/** The largest distance for which four bands with one difference each find every pair. */
export const MAX_DISTANCE = 2 * BANDS - 1;

/** The members of bucket `b` are from `starts[b]` to `starts[b + 1]`, in the order of the set. */
export interface Band {
  readonly starts: Uint32Array;
  /** Their places in the set, and their hashes again, so that a bucket is read in sequence. */
  readonly places: Uint32Array;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

export function bucketOf(set: HashSet, place: number, band: number): number {
  const word = (band < 2 ? set.low[place] : set.high[place]) ?? 0;
  return band % 2 === 0 ? word & (BUCKETS - 1) : word >>> BAND_BITS;
}

export function createBand(set: HashSet, band: number): Band {
  const { count } = set;
  const starts = new Uint32Array(BUCKETS + 1);
  for (let place = 0; place < count; place += 1) {
    const next = bucketOf(set, place, band) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    starts[bucket + 1] = (starts[bucket + 1] ?? 0) + (starts[bucket] ?? 0);
  }
  const ends = starts.slice(0, BUCKETS);
  const places = new Uint32Array(count);
  const low = new Uint32Array(count);
  const high = new Uint32Array(count);
  for (let place = 0; place < count; place += 1) {
    const bucket = bucketOf(set, place, band);
    const at = ends[bucket] ?? 0;
    ends[bucket] = at + 1;
    places[at] = place;
    low[at] = set.low[place] ?? 0;
    high[at] = set.high[place] ?? 0;
  }
  return { starts, places, low, high };
}
