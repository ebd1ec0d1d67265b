/**
 * Hashes of 64 bits sorted into buckets by one of the bands into which their bits are divided.
 *
 * Each way to divide them finds every pair that differs in at most seven bits. Four bands of 16
 * bits: such a pair differs in at most one bit of some band, because two differences in each of the
 * four bands would be eight. Three bands of 22, 21 and 21 bits: it differs in at most two bits of
 * the first or of the second band, or in at most one of the third, because three, three and two
 * differences would be eight. Every pair is therefore found by comparing, in each band, the hashes
 * of a bucket with those of all buckets whose number differs in that many bits.
 *
 * @see Norouzi, Punjani and Fleet, "Fast search in Hamming space with multi-index hashing", 2012.
 */
import { bitCount, type HashSet } from './hash-set';

/**
 * The `bits` bits of a hash from bit `shift` on. Buckets are compared whose numbers differ in at
 * most `differences` bits.
 */
export interface BandShape {
  readonly shift: number;
  readonly bits: number;
  readonly differences: number;
}

/** Few buckets, which cost little where there are few hashes. */
export const FOUR_BANDS: readonly BandShape[] = [0, 16, 32, 48].map((shift) => ({
  shift,
  bits: 16,
  differences: 1,
}));

/** Many small buckets: a sixth of the comparisons. */
export const THREE_BANDS: readonly BandShape[] = [
  { shift: 0, bits: 22, differences: 2 },
  { shift: 22, bits: 21, differences: 2 },
  { shift: 43, bits: 21, differences: 1 },
];

/** The number of hashes from which comparing them costs more than visiting many buckets. */
const MANY_HASHES = 2_500_000;

/** The bands with which this number of hashes is searched fastest. */
export function bandsFor(count: number): readonly BandShape[] {
  return count < MANY_HASHES ? FOUR_BANDS : THREE_BANDS;
}

/** The largest distance for which these bands find every pair. */
export function largestDistance(bands: readonly BandShape[]): number {
  return bands.reduce((sum, { differences }) => sum + differences + 1, -1);
}

/** The members of bucket `b` are from `starts[b]` to `starts[b + 1]`, in the order of the set. */
export interface Band {
  readonly shape: BandShape;
  /** The number of a bucket, xor each of these, is that of a bucket to compare it with. */
  readonly masks: Uint32Array;
  readonly starts: Uint32Array;
  /** Their places in the set, and their hashes again, so that a bucket is read in sequence. */
  readonly places: Uint32Array;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/** The bucket of the hash at this place: the bits of the band, as a number. */
export function bucketOf(set: HashSet, place: number, { shift, bits }: BandShape): number {
  const low = set.low[place] ?? 0;
  const high = set.high[place] ?? 0;
  let word = high >>> (shift - 32);
  if (shift === 0) word = low;
  else if (shift < 32) word = (low >>> shift) | (high << (32 - shift));
  return word & ((1 << bits) - 1);
}

export function createBand(set: HashSet, shape: BandShape): Band {
  const { count } = set;
  const buckets = 2 ** shape.bits;
  const starts = new Uint32Array(buckets + 1);
  for (let place = 0; place < count; place += 1) {
    const next = bucketOf(set, place, shape) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    starts[bucket + 1] = (starts[bucket + 1] ?? 0) + (starts[bucket] ?? 0);
  }
  const ends = starts.slice(0, buckets);
  const places = new Uint32Array(count);
  const low = new Uint32Array(count);
  const high = new Uint32Array(count);
  for (let place = 0; place < count; place += 1) {
    const bucket = bucketOf(set, place, shape);
    const at = ends[bucket] ?? 0;
    ends[bucket] = at + 1;
    places[at] = place;
    low[at] = set.low[place] ?? 0;
    high[at] = set.high[place] ?? 0;
  }
  return { shape, masks: masksOf(shape), starts, places, low, high };
}

/** All numbers of the band's bits in which at most `differences` bits are set, 0 first. */
function masksOf({ bits, differences }: BandShape): Uint32Array {
  const masks = [0];
  for (let bit = 0; bit < bits; bit += 1) {
    const shorter = masks.filter((mask) => bitCount(mask) < differences);
    masks.push(...shorter.map((mask) => mask | (1 << bit)));
  }
  return Uint32Array.from(masks);
}
