/**
 * k-means over looks, without any chance in it: the sample is spread evenly over the members, which
 * are in the order of their hashes, and the first centres are far from one another.
 */
import { LOOK_LENGTH } from '../contract/features/feature';

const ROUNDS = 10;

/** The size of the sample by which the centres are moved, as a number of members per centre. */
const SAMPLES = 200;

const MIN_GROUPS = 4;
const MAX_GROUPS = 20;

/**
 * The intended average number of members of a group in a small set. The number of groups grows with
 * the square root of the number of members, so larger sets have larger groups.
 */
const GROUP_SIZE = 50;

/** The number of groups for a number of members. */
export function groupCount(members: number): number {
  const wanted = Math.round(Math.sqrt(members / GROUP_SIZE));
  return Math.min(members, Math.max(MIN_GROUPS, Math.min(MAX_GROUPS, wanted)));
}

/**
 * The group of each member, from 0 on. `looks` has 64 numbers for each place, and members are
 * places.
 */
export function kMeans(looks: Int8Array, members: Uint32Array): Uint8Array {
  const count = groupCount(members.length);
  if (count === 0) return new Uint8Array(0);
  const size = Math.min(members.length, SAMPLES * count);
  const sample = Uint32Array.from(
    { length: size },
    (_, n) => members[Math.trunc((n * members.length) / size)] ?? 0,
  );
  const centres = firstCentres(looks, sample, count);
  for (let round = 0; round < ROUNDS; round += 1) {
    moveCentres(looks, sample, centres, assign(looks, sample, centres));
  }
  return assign(looks, members, centres);
}

/** The first member, then repeatedly the member that is farthest from all centres chosen so far. */
function firstCentres(looks: Int8Array, sample: Uint32Array, count: number): Float64Array {
  const centres = new Float64Array(count * LOOK_LENGTH);
  const nearest = new Float64Array(sample.length).fill(Infinity);
  let next = 0;
  for (let k = 0; k < count; k += 1) {
    const from = (sample[next] ?? 0) * LOOK_LENGTH;
    centres.set(looks.subarray(from, from + LOOK_LENGTH), k * LOOK_LENGTH);
    next = 0;
    for (let n = 0; n < sample.length; n += 1) {
      const place = sample[n] ?? 0;
      const distance = squaredDistance(looks, place, centres, k, nearest[n] ?? 0);
      if (distance < (nearest[n] ?? 0)) nearest[n] = distance;
      if ((nearest[n] ?? 0) > (nearest[next] ?? 0)) next = n;
    }
  }
  return centres;
}

function assign(looks: Int8Array, members: Uint32Array, centres: Float64Array): Uint8Array {
  const groups = new Uint8Array(members.length);
  const count = centres.length / LOOK_LENGTH;
  for (let n = 0; n < members.length; n += 1) {
    let least = Infinity;
    for (let k = 0; k < count; k += 1) {
      const distance = squaredDistance(looks, members[n] ?? 0, centres, k, least);
      if (distance >= least) continue;
      least = distance;
      groups[n] = k;
    }
  }
  return groups;
}

/** A centre without members stays where it is. */
function moveCentres(
  looks: Int8Array,
  sample: Uint32Array,
  centres: Float64Array,
  groups: Uint8Array,
): void {
  const sums = new Float64Array(centres.length);
  const counts = new Uint32Array(centres.length / LOOK_LENGTH);
  for (let n = 0; n < sample.length; n += 1) {
    const group = groups[n] ?? 0;
    counts[group] = (counts[group] ?? 0) + 1;
    const from = (sample[n] ?? 0) * LOOK_LENGTH;
    const to = group * LOOK_LENGTH;
    for (let at = 0; at < LOOK_LENGTH; at += 1) {
      sums[to + at] = (sums[to + at] ?? 0) + (looks[from + at] ?? 0);
    }
  }
  for (let at = 0; at < centres.length; at += 1) {
    const count = counts[Math.trunc(at / LOOK_LENGTH)] ?? 0;
    if (count > 0) centres[at] = (sums[at] ?? 0) / count;
  }
}

/** No farther than needed: a quarter of the numbers often shows that it is more than `least`. */
function squaredDistance(
  looks: Int8Array,
  place: number,
  centres: Float64Array,
  centre: number,
  least: number,
): number {
  const from = place * LOOK_LENGTH;
  const to = centre * LOOK_LENGTH;
  let sum = 0;
  for (let start = 0; start < LOOK_LENGTH && sum < least; start += LOOK_LENGTH / 4) {
    for (let at = start; at < start + LOOK_LENGTH / 4; at += 1) {
      const difference = (looks[from + at] ?? 0) - (centres[to + at] ?? 0);
      sum += difference * difference;
    }
  }
  return sum;
}
