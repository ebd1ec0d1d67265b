/**
 * The representative of each group of images that look alike, and the distance of each image from
 * it.
 */
import { LOOK_LENGTH } from '../contract/features/feature';

export interface VisualMembers {
  /**
   * For each group the place of its representative: the member nearest to the mean of its looks.
   */
  readonly representatives: Uint32Array;
  /** For each place the distance of its look from that of its group's representative. */
  readonly distances: Float32Array;
}

/** @param groups the group of each place, from 0 on. Each group has a member. */
export function visualMembers(looks: Int8Array, groups: Uint16Array): VisualMembers {
  const means = meansOf(looks, groups);
  const groupCount = means.length / LOOK_LENGTH;
  const representatives = new Uint32Array(groupCount);
  const least = new Float64Array(groupCount).fill(Infinity);
  for (let place = 0; place < groups.length; place += 1) {
    const group = groups[place] ?? 0;
    const distance = squaredDistance(looks, place, means, group);
    if (distance >= (least[group] ?? 0)) continue;
    least[group] = distance;
    representatives[group] = place;
  }
  const distances = Float32Array.from(groups, (group, place) =>
    Math.sqrt(squaredDistance(looks, place, looks, representatives[group] ?? 0)),
  );
  return { representatives, distances };
}

function meansOf(looks: Int8Array, groups: Uint16Array): Float64Array {
  const groupCount = groups.reduce((most, group) => Math.max(most, group + 1), 0);
  const means = new Float64Array(groupCount * LOOK_LENGTH);
  const members = new Uint32Array(groupCount);
  groups.forEach((group, place) => {
    members[group] = (members[group] ?? 0) + 1;
    for (let at = 0; at < LOOK_LENGTH; at += 1) {
      const mean = group * LOOK_LENGTH + at;
      means[mean] = (means[mean] ?? 0) + (looks[place * LOOK_LENGTH + at] ?? 0);
    }
  });
  return means.map((sum, at) => sum / (members[Math.trunc(at / LOOK_LENGTH)] ?? 1));
}

function squaredDistance(
  looks: Int8Array,
  place: number,
  others: Int8Array | Float64Array,
  other: number,
): number {
  let sum = 0;
  for (let at = 0; at < LOOK_LENGTH; at += 1) {
    const difference =
      (looks[place * LOOK_LENGTH + at] ?? 0) - (others[other * LOOK_LENGTH + at] ?? 0);
    sum += difference * difference;
  }
  return sum;
}
