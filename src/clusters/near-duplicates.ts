/**
 * Groups of near duplicates: images whose hashes differ in a few bits.
 *
 * Each group has a representative. Hashes are visited in the given order: a hash without a group
 * becomes the representative of a new one, which all hashes join that are near to it and have no
 * group. Every member is therefore near to its representative. If A is near to B and B to C, but A
 * is not near to C, then C does not join the group of A.
 */
import { bandsFor, bucketOf, createBand, largestDistance, type Band, type BandShape } from './band';
import { bitCount, pdqDistance, phashDistance, pickHashes, type HashSet } from './hash-set';
import { NEAR, type Nearness } from '../contract/derived/nearness';
import { findPaired } from './paired-hashes';

/**
 * The place of each hash's representative; a hash without near duplicates is its own.
 *
 * @param shapes how hashes are divided into bands. The result is the same for all.
 * @throws RangeError when these bands do not find every pair that is near.
 */
export function nearDuplicates(
  set: HashSet,
  nearness: Nearness = NEAR,
  shapes: readonly BandShape[] = bandsFor(set.count),
): Uint32Array {
  const largest = largestDistance(shapes);
  if (nearness.phash > largest) {
    throw new RangeError(`${nearness.phash} bits are more than ${largest}`);
  }
  const representatives = Uint32Array.from({ length: set.count }, (_, place) => place);
  // Most hashes have no near duplicates: groups are searched among the few others, in their order.
  const paired = findPaired(set, nearness, shapes);
  const among = groupPaired(pickHashes(set, paired), nearness);
  paired.forEach((place, n) => {
    representatives[place] = paired[among[n] ?? n] ?? place;
  });
  return representatives;
}

function groupPaired(set: HashSet, nearness: Nearness): Uint32Array {
  const bands = bandsFor(set.count).map((shape) => createBand(set, shape));
  const representatives = new Uint32Array(set.count);
  const isGrouped = new Uint8Array(set.count);
  for (let place = 0; place < set.count; place += 1) {
    if (isGrouped[place] === 1) continue;
    isGrouped[place] = 1;
    representatives[place] = place;
    const take = (member: number): void => {
      isGrouped[member] = 1;
      representatives[member] = place;
    };
    for (const band of bands) {
      const own = bucketOf(set, place, band.shape);
      for (const mask of band.masks)
        takeNear(set, band, { bucket: own ^ mask, place, isGrouped, take, nearness });
    }
  }
  return representatives;
}

interface Search {
  readonly bucket: number;
  readonly place: number;
  readonly isGrouped: Uint8Array;
  readonly take: (member: number) => void;
  readonly nearness: Nearness;
}

/** Takes the members of one bucket that have no group and are near. */
function takeNear(set: HashSet, band: Band, search: Search): void {
  const { bucket, place, isGrouped, take, nearness } = search;
  const low = set.low[place] ?? 0;
  const end = band.starts[bucket + 1] ?? 0;
  for (let at = band.starts[bucket] ?? 0; at < end; at += 1) {
    if (bitCount(low ^ (band.low[at] ?? 0)) > nearness.phash) continue;
    const member = band.places[at] ?? 0;
    if (isGrouped[member] === 0 && isNear(set, place, member, nearness)) take(member);
  }
}

function isNear(set: HashSet, one: number, other: number, { phash, pdq }: Nearness): boolean {
  return phashDistance(set, one, other) <= phash && pdqDistance(set, one, other) <= pdq;
}
